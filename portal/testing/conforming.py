"""Does a plugin keep to the rules? The same look-over as ``portal plugins check``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from portal.plugin_host import host
from portal.plugin_host.states import Plugin
from portal.plugin_host.structure import has_tables
from portal.scaffold.checking import examine
from portal.scaffold.subject import Subject, subject_at, subject_of_module
from portal.scaffold.tables import walk

Given = str | Path | ModuleType | Plugin
"""A plugin: its module, the module's dotted name, its file or folder, or as the host has it."""


def assert_conforms(plugin: Given, config: Mapping[str, Any] | None = None) -> None:
    """Fail, in words, unless everything about `plugin` is in order.

    It is loaded in a portal of its own with the settings `config`: manifest, settings, hooks and
    every contribution must be accepted, cards and templates must render, and there must be a
    README. A plugin with settings that somebody must fill in needs them here.
    """
    checked = examine(subject_of(plugin), config)
    readme = [one for one in checked.advice if "README" in one.message]
    findings = [*checked.errors, *readme]
    if findings:
        lines = "\n".join(f"  {finding}" for finding in findings)
        raise AssertionError(f"插件 {checked.name} 有 {len(findings)} 个问题：\n{lines}")


def assert_migrates(name: str) -> None:
    """Fail, in words, unless the tables of the plugin `name` come and go as they should.

    Upgrade, compare with the models, downgrade to nothing, upgrade; in the portal of the test, so
    the fixture `app` is needed.
    """
    plugin = host().plugin(name)
    if plugin is None or not has_tables(plugin):
        raise AssertionError(f"没有名为 {name} 的插件，或它没有自己的表")
    findings = walk(plugin)
    if findings:
        raise AssertionError("\n".join(f"插件 {name}：{finding}" for finding in findings))


def subject_of(plugin: Given) -> Subject:
    """What is to be tried. Raises ProblemError JS-4001 or ImportError when there is no such."""
    if isinstance(plugin, Plugin):
        if plugin.module is None:
            raise AssertionError(f"插件 {plugin.name} 没有载入：{plugin.problem}")
        return subject_of_module(plugin.module)
    if isinstance(plugin, ModuleType):
        return subject_of_module(plugin)
    if isinstance(plugin, str) and not Path(plugin).exists():
        return subject_of_module(import_module(plugin))
    return subject_at(Path(plugin))
