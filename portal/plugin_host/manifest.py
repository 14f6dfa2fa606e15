"""What a plugin says of itself, checked before any of its hooks runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel

from kb.problems import N_, Problem
from portal.plugin_host.states import State

API_VERSION = "1.0"
"""The version of `portal.api`, apart from the product's own."""

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")

Category = Literal["content", "project", "workflow", "erp", "page", "tool"]


@dataclass(frozen=True, kw_only=True)
class PluginManifest:
    """The module-level object ``manifest`` in a plugin's ``plugin.py``.

    `name` is the name it is installed under (package, entry point or file name); `requires_api`
    a version range of `portal.api`; `config` the pydantic model of its settings, each with a
    default where that makes sense, so that it works unconfigured.
    """

    name: str
    title: str
    summary: str = ""
    category: Category = "tool"
    version: str = "1.0"
    author: str = ""
    requires_api: str = ">=1.0,<2"
    config: type[BaseModel] | None = None


def fault_in(manifest: object, name: str) -> tuple[State, Problem] | None:
    """What is wrong with a manifest found under `name`, with the state that leads to, or None."""
    if not isinstance(manifest, PluginManifest):
        return State.FAILED, Problem(
            "JS-4001",
            N_("插件 %(plugin)s 的 plugin.py 里没有 manifest"),
            N_('在模块里写上 manifest = PluginManifest(name="%(plugin)s", title=…)'),
            params={"plugin": name},
        )
    try:
        compatible = SpecifierSet(str(manifest.requires_api)).contains(API_VERSION)
    except InvalidSpecifier:
        return _bad(name, "requires_api", manifest.requires_api, N_(">=1.0,<2 这样的范围"))
    if not compatible:
        return State.INCOMPATIBLE, Problem(
            "JS-4001",
            N_("插件 %(plugin)s 要求门户接口 %(wanted)s，这里是 %(version)s"),
            N_("安装与接口 %(version)s 配套的插件版本；还没有的话先停用它"),
            params={"plugin": name, "wanted": manifest.requires_api, "version": API_VERSION},
        )
    if manifest.name != name:
        return _bad(name, "name", manifest.name, name)
    if not isinstance(manifest.title, str) or not manifest.title.strip():
        return _bad(name, "title", manifest.title, N_("一个不为空的名称"))
    if manifest.category not in get_args(Category):
        return _bad(name, "category", manifest.category, " / ".join(get_args(Category)))
    if manifest.config is not None and not _is_model(manifest.config):
        return _bad(name, "config", manifest.config, N_("pydantic 的 BaseModel 子类，或 None"))
    return None


def _is_model(config: object) -> bool:
    return isinstance(config, type) and issubclass(config, BaseModel)


def _bad(name: str, key: str, value: object, wanted: str) -> tuple[State, Problem]:
    return State.FAILED, Problem(
        "JS-4001",
        N_("插件 %(plugin)s 的 manifest 里 %(key)s 不能用：%(value)s"),
        N_("请插件作者把 %(key)s 改为：%(wanted)s"),
        params={"plugin": name, "key": key, "value": value, "wanted": wanted},
    )
