"""What would make a plugin better: read off its files, nothing is run. All are warnings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from kb.problems import N_, Problem
from portal import api
from portal.plugin_host.manifest import PluginManifest
from portal.scaffold.subject import Subject, entry_points_of, pyproject

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SHOWN = frozenset({"title", "label", "description", "summary", "help", "duty", "goal"})
"""Parts of contributions that readers see, and that are translated."""
_FACADES = ("portal.api", "portal.testing")
_DATA_FOLDERS = ("templates", "static", "migrations")
MAX_LINES = 5


def advice(subject: Subject, manifest: PluginManifest | None) -> Iterator[Problem]:
    """Everything that would be better otherwise."""
    if isinstance(manifest, PluginManifest):
        yield from _about_manifest(subject, manifest)
    yield from _about_code(subject)
    if subject.package is not None:
        yield from _about_folder(subject, subject.package, subject.project)


def _hint(message: str, remedy: str, where: str = "", **params: object) -> Problem:
    return Problem("JS-4001", message, remedy, where, "warning", params)


def _about_manifest(subject: Subject, manifest: PluginManifest) -> Iterator[Problem]:
    place = subject.place(subject.file)
    if not manifest.summary:
        yield _hint(N_("manifest 没有 summary"), N_("用一句话写明插件做什么"), place)
    try:
        open_ended = SpecifierSet(manifest.requires_api).contains("9999")
    except InvalidSpecifier:
        return  # the host says so
    if open_ended:
        yield _hint(
            N_("requires_api 没有上限：%(range)s"),
            N_("写成 >=%(version)s,<%(next)s：接口的大版本变了，插件多半也要改"),
            place,
            range=manifest.requires_api or "—",
            version=api.API_VERSION,
            next=int(api.API_VERSION.split(".")[0]) + 1,
        )


def _about_folder(subject: Subject, package: Path, project: Path | None) -> Iterator[Problem]:
    roots = [one for one in (package, project) if one is not None]
    if not any((root / "README.md").is_file() for root in roots):
        yield _hint(N_("没有 README.md"), N_("写明插件做什么、要设置什么、怎样试"))
    if project is None:
        return
    if not any(project.rglob("test_*.py")):
        yield _hint(N_("没有测试"), N_("在 tests/ 里至少写一个 assert_conforms"))
    if (project / "setup.py").is_file() or (project / "setup.cfg").is_file():
        return  # what those say is not read here
    data = pyproject(project)
    if not data:
        yield _hint(
            N_("没有 pyproject.toml，别人装不上"),
            N_("参照 portal plugins new 建出的 pyproject.toml 写一个"),
        )
        return
    if subject.name not in entry_points_of(project):
        yield _hint(
            N_("pyproject.toml 没有插件入口，装上了门户也找不到它"),
            N_('写上 [project.entry-points."portal.plugins"] 和 %(name)s = "%(name)s.plugin"'),
            "pyproject.toml",
            name=subject.name,
        )
    licensed = "license" in data.get("project", {}) or any(project.glob("LICEN[CS]E*"))
    if not licensed:
        yield _hint(
            N_("没有写许可"), N_("在 [project] 里写 license，或放一个 LICENSE"), "pyproject.toml"
        )
    shipped = str(data.get("tool", {}).get("setuptools", {}).get("package-data", {}))
    for folder in _DATA_FOLDERS:
        backend = str(data.get("build-system", {}).get("build-backend", "setuptools"))
        if "setuptools" in backend and (package / folder).is_dir() and folder not in shipped:
            yield _hint(
                N_("%(folder)s/ 不会装进去"),
                N_('在 [tool.setuptools.package-data] 里写上 "%(folder)s/**"'),
                "pyproject.toml",
                folder=folder,
            )


def _about_code(subject: Subject) -> Iterator[Problem]:
    for path in subject.sources:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue  # the import says so
        place = subject.place(path)
        for module, line in _reaches_in(tree):
            yield _hint(
                N_("用了门户内部的 %(module)s，它随时会变"),
                N_("只从 portal.api 和 kb 引入；缺什么就提出来"),
                f"{place}:{line}",
                module=module,
            )
        lines = _unmarked(tree)
        if lines:
            shown = "、".join(map(str, lines[:MAX_LINES])) + ("…" if len(lines) > MAX_LINES else "")
            yield _hint(
                N_("%(count)s 处给人看的文字没有用 N_ 标出：第 %(lines)s 行"),
                N_('写成 N_("…")，这样才能翻译'),
                place,
                count=len(lines),
                lines=shown,
            )


def _reaches_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module == "portal":
            modules = [f"portal.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            modules = [node.module]
        for module in modules:
            ours = module.split(".")[0] == "portal"
            if ours and not any(module == one or module.startswith(f"{one}.") for one in _FACADES):
                yield module, node.lineno  # type: ignore[attr-defined]


def _unmarked(tree: ast.AST) -> list[int]:
    """Lines where a contribution is given Chinese for its readers as a bare literal."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = getattr(api, name, None) if name in api.__all__ else None
        if not (isinstance(given, type) and is_dataclass(given)):
            continue
        order = [field.name for field in fields(given)]
        pairs = [*zip(order, node.args, strict=False)]
        pairs += [(one.arg or "", one.value) for one in node.keywords]
        for part, value in pairs:
            literal = value.value if isinstance(value, ast.Constant) else None
            if part in _SHOWN and isinstance(literal, str) and _CHINESE.search(literal):
                found.add(value.lineno)
    return sorted(found)
