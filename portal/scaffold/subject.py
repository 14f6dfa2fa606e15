"""The plugin that is tried: where it lies, what it is called, how it is imported."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from kb.problems import N_, Problem, ProblemError
from portal.plugin_host import discovery
from portal.plugin_host.discovery import BUNDLED, GROUP, Found
from portal.plugin_host.states import Source


@dataclass(frozen=True)
class Subject:
    """A plugin to be tried."""

    name: str
    file: Path
    """``plugin.py``, or the single file."""
    found: Found | None
    """How the host gets it; None: it is bundled, and found by itself."""
    package: Path | None = None
    """The folder of ``plugin.py``; None for a single file."""
    project: Path | None = None
    """The folder it is installed from, with ``pyproject.toml``, README and tests."""
    search: Path | None = None
    """What must be on ``sys.path`` for it; None: it is imported already."""

    @property
    def top(self) -> str:
        """The name of the module or package that `search` is for."""
        place = self.file.relative_to(self.search) if self.search else self.file
        return place.parts[0].removesuffix(".py")

    @property
    def sources(self) -> tuple[Path, ...]:
        """Its Python files."""
        return tuple(sorted(self.package.rglob("*.py"))) if self.package else (self.file,)

    def place(self, path: Path) -> str:
        """`path` as the author knows it."""
        root = self.project or self.package or self.file.parent
        return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def subject_at(path: Path) -> Subject:
    """The plugin in a single file or a folder. Raises ProblemError JS-4001 when there is none."""
    path = path.absolute()
    if path.name == "plugin.py" and path.is_file():
        path = path.parent
    if path.is_file() and path.suffix == ".py":
        return Subject(path.stem, path, discovery.in_file(path))
    if not path.is_dir():
        message, remedy = N_("没有这个文件或文件夹：%(path)s"), N_("写出 .py 文件或插件文件夹")
        raise ProblemError(Problem("JS-4001", message, remedy, params={"path": path}))
    if (path / "plugin.py").is_file():
        project = path.parent if (path.parent / "pyproject.toml").is_file() else path
        return _in_package(path, project)
    declared = _declared(path)
    if declared is not None:
        name, module = declared
        parts = module.split(".")
        root = path / "src" if (path / "src").is_dir() else path
        file = root.joinpath(*parts, "__init__.py")
        if not file.is_file():
            file = root.joinpath(*parts[:-1], f"{parts[-1]}.py")
        return _importable(name, module, file, path, root)
    folders = [one.parent for one in sorted(path.glob("*/plugin.py"))]
    if len(folders) != 1:
        raise ProblemError(
            Problem(
                "JS-4001",
                N_("%(path)s 里找不到插件"),
                N_("写出 plugin.py 所在的文件夹，或在 pyproject.toml 里写上入口 portal.plugins"),
                params={"path": path},
            )
        )
    return _in_package(folders[0], path)


def subject_of_module(module: ModuleType) -> Subject:
    """The plugin in a module that is imported already."""
    dotted, file = module.__name__, Path(str(module.__file__))
    package = file.parent if file.name == "plugin.py" else None
    name = package.name if package else file.stem
    found = None
    if dotted not in BUNDLED:
        found = Found(name, Source.FILE, str(file), lambda: module)
    project = package.parent if package and (package.parent / "pyproject.toml").is_file() else None
    return Subject(name, file, found, package, project if found else None)


def entry_points_of(project: Path) -> dict[str, Any]:
    """Name → module, as ``pyproject.toml`` declares them. Raises ProblemError JS-4001."""
    found = pyproject(project).get("project", {}).get("entry-points", {}).get(GROUP, {})
    return dict(found) if isinstance(found, dict) else {}


def pyproject(project: Path) -> dict[str, Any]:
    """``pyproject.toml``; empty when there is none. Raises ProblemError JS-4001 for bad TOML."""
    path = project / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message, remedy = N_("pyproject.toml 读不懂：%(error)s"), N_("按 TOML 语法改正它")
        raise ProblemError(
            Problem("JS-4001", message, remedy, "pyproject.toml", params={"error": error})
        ) from error


@contextmanager
def brought(subject: Subject, *, keep: bool = False) -> Iterator[None]:
    """The host finds the plugin inside the block. With `keep` what it imported stays imported."""
    if subject.found is None:
        yield
        return
    top = subject.top
    before = {} if keep or subject.search is None else _take_out(top)
    path = list(sys.path)
    if subject.search is not None:
        sys.path.insert(0, str(subject.search))
        importlib.invalidate_caches()
    discovery.BROUGHT.append(subject.found)
    try:
        yield
    finally:
        discovery.BROUGHT.remove(subject.found)
        if not keep:
            sys.path[:] = path
            if subject.search is not None:
                _take_out(top)
                sys.modules.update(before)


def _take_out(top: str) -> dict[str, ModuleType]:
    """Remove a package from the imported modules; gives what was there."""
    names = [name for name in sys.modules if name == top or name.startswith(f"{top}.")]
    return {name: sys.modules.pop(name) for name in names}


def _declared(project: Path) -> tuple[str, str] | None:
    """The first entry point, if it looks like one."""
    for name, module in entry_points_of(project).items():
        if isinstance(module, str) and module.replace(".", "_").isidentifier():
            return name, module
    return None


def _in_package(package: Path, project: Path) -> Subject:
    file = package / "plugin.py"
    dotted = next((one for one in BUNDLED if one.split(".")[1] == package.name), "")
    spec = importlib.util.find_spec(dotted) if dotted else None
    if spec is not None and spec.origin and file.samefile(spec.origin):
        return Subject(package.name, file, None, package)
    module = f"{package.name}.plugin"
    return _importable(package.name, module, file, project, package.parent)


def _importable(name: str, module: str, file: Path, project: Path, root: Path) -> Subject:
    found = Found(name, Source.FILE, str(file), lambda: import_module(module))
    package = file.parent if file.parent != root else None
    return Subject(name, file, found, package, project, root)
