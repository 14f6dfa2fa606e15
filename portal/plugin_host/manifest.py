"""What a plugin says of itself, checked before any of its hooks runs."""

from __future__ import annotations

import ast
import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel

from kb.problems import N_, Problem
from portal.plugin_host.discovery import Found
from portal.plugin_host.states import State

API_VERSION = "1.1"
"""The version of `portal.api`, apart from the product's own."""

NAME = re.compile(r"(?=.{2,40}\Z)[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
"""No two underscores together and none at the end: table names are made from it."""

Category = Literal["content", "project", "workflow", "erp", "page", "tool"]


@dataclass(frozen=True, kw_only=True)
class PluginManifest:
    """The module-level object ``manifest`` in a plugin's ``plugin.py``.

    `name` is the name it is installed under (package, entry point or file name); `requires_api`
    a version range of `portal.api`, written as a literal so that it can be read before anything is
    imported; `config` the pydantic model of its settings, each with a default where that makes
    sense, so that it works unconfigured.
    """

    name: str
    title: str
    summary: str = ""
    category: Category = "tool"
    version: str = "1.0"
    author: str = ""
    requires_api: str = ">=1.0,<2"
    config: type[BaseModel] | None = None
    depends_on: tuple[str, ...] = ()
    """Other plugins it needs: ``"steps_basic"`` or ``"steps_basic>=1.2"``."""
    templates: str = ""
    """The folder of its templates, from the module's own folder on; see `PluginContext.render`."""
    static: str = ""
    """The folder of its static files, likewise; see `PluginContext.asset`."""
    migrations: str = ""
    """The folder of the Alembic revisions of its tables, seen from the module's own folder."""


def fault_in(manifest: object, name: str) -> tuple[State, Problem] | None:
    """What is wrong with a manifest found under `name`, with the state that leads to, or None."""
    if not isinstance(manifest, PluginManifest):
        return State.FAILED, Problem(
            "JS-4001",
            N_("插件 %(plugin)s 的 plugin.py 里没有 manifest"),
            N_('在模块里写上 manifest = PluginManifest(name="%(plugin)s", title=…)'),
            params={"plugin": name},
        )
    unfit = _unfit(name, manifest.requires_api)
    if unfit is not None:
        return unfit
    if manifest.name != name:
        return _bad(name, "name", manifest.name, name)
    if not isinstance(manifest.title, str) or not manifest.title.strip():
        return _bad(name, "title", manifest.title, N_("一个不为空的名称"))
    if manifest.category not in get_args(Category):
        return _bad(name, "category", manifest.category, " / ".join(get_args(Category)))
    for key in ("migrations", "templates", "static"):
        if not _is_inside(getattr(manifest, key)):
            return _bad(name, key, getattr(manifest, key), N_("模块旁边的文件夹，如 migrations"))
    needs: object = manifest.depends_on  # whatever the author wrote
    if not isinstance(needs, tuple | list):
        return _bad(name, "depends_on", needs, '("steps_basic>=1.0",)')
    if manifest.config is not None and not _is_model(manifest.config):
        return _bad(name, "config", manifest.config, N_("pydantic 的 BaseModel 子类，或 None"))
    return None


def unfit_before_import(found: Found) -> tuple[State, Problem] | None:
    """Does the plugin's source say that it wants another API? Read without running any of it.

    None when it fits, or when the source does not say so in plain letters: then the manifest is
    looked at after the import.
    """
    path = found.source_file()
    try:
        wanted = _written_range(path, path.stat().st_mtime_ns) if path is not None else None
    except OSError:
        return None  # the import says what is wrong
    return _unfit(found.name, wanted) if wanted is not None else None


_PARSING = threading.Lock()


@lru_cache(maxsize=1024)
def _written_range(path: Path, _changed: int) -> object:
    """The literal given as `requires_api` in the source; None when there is none."""
    try:
        # Python 3.11 can fail with SystemError when two threads build syntax trees at once.
        with _PARSING:
            tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, SystemError):
        return None  # the import says what is wrong
    for node in tree.body:
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(value, ast.Call):
            continue
        if ast.unparse(value.func).rsplit(".", 1)[-1] != "PluginManifest":
            continue
        for keyword in value.keywords:
            if keyword.arg == "requires_api" and isinstance(keyword.value, ast.Constant):
                return keyword.value.value
    return None


def _unfit(name: str, wanted: object) -> tuple[State, Problem] | None:
    try:
        compatible = SpecifierSet(str(wanted)).contains(API_VERSION)
    except InvalidSpecifier:
        return _bad(name, "requires_api", wanted, N_(">=1.0,<2 这样的范围"))
    if compatible:
        return None
    return State.INCOMPATIBLE, Problem(
        "JS-4001",
        N_("插件 %(plugin)s 要求门户接口 %(wanted)s，这里是 %(version)s"),
        N_("安装与接口 %(version)s 配套的插件版本；还没有的话先停用它"),
        params={"plugin": name, "wanted": wanted, "version": API_VERSION},
    )


def _is_inside(folder: object) -> bool:
    """A relative path that leads nowhere else; empty: none."""
    if not isinstance(folder, str) or "\\" in folder:
        return False
    path = PurePosixPath(folder)
    return not path.is_absolute() and ".." not in path.parts and folder != "."


def _is_model(config: object) -> bool:
    return isinstance(config, type) and issubclass(config, BaseModel)


def _bad(name: str, key: str, value: object, wanted: str) -> tuple[State, Problem]:
    return State.FAILED, Problem(
        "JS-4001",
        N_("插件 %(plugin)s 的 manifest 里 %(key)s 不能用：%(value)s"),
        N_("请插件作者把 %(key)s 改为：%(wanted)s"),
        params={"plugin": name, "key": key, "value": value, "wanted": wanted},
    )
