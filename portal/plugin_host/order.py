"""In which order plugins come, and whether those that one depends on are there."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement

from kb.problems import N_, Problem
from portal.plugin_host.discovery import Found
from portal.plugin_host.states import Plugin, State


def in_order(found: Iterable[Found], first: tuple[str, ...]) -> list[Found]:
    """The plugins named in `first` before the others; apart from that, as found."""
    places = {name: place for place, name in enumerate(first)}
    return sorted(found, key=lambda one: places.get(one.name, len(places)))


def with_dependencies(plugins: list[Plugin]) -> list[Plugin]:
    """The same plugins, each after those it depends on.

    One whose dependency is missing, off or of another version is stopped with the reason.
    """
    by_name = {plugin.name: plugin for plugin in reversed(plugins)}
    placed: list[Plugin] = []
    done: set[int] = set()

    def place(plugin: Plugin, above: tuple[str, ...]) -> None:
        if id(plugin) in done:
            return
        done.add(id(plugin))
        for wanted in _wanted(plugin):
            other = by_name.get(wanted.name)
            if other is not None and other.name in above:
                plugin.stop(State.FAILED, _circle(plugin, (*above, plugin.name, other.name)))
            elif other is not None and other is not plugin:
                place(other, (*above, plugin.name))
            if plugin.state is State.LOADED:
                unmet = _unmet(plugin, wanted, other)
                if unmet is not None:
                    plugin.stop(*unmet)
        placed.append(plugin)

    for plugin in plugins:
        place(plugin, ())
    return placed


def _wanted(plugin: Plugin) -> list[Requirement]:
    if plugin.state is not State.LOADED or plugin.manifest is None:
        return []
    found = []
    for text in plugin.manifest.depends_on:
        try:
            found.append(Requirement(str(text)))
        except InvalidRequirement:
            problem = Problem(
                "JS-4001",
                N_("插件 %(plugin)s 的 manifest 里 depends_on 写不对：%(text)s"),
                N_("请插件作者写成 steps_basic 或 steps_basic>=1.2"),
                params={"plugin": plugin.name, "text": text},
            )
            plugin.stop(State.FAILED, problem)
            return []
    return found


def _unmet(
    plugin: Plugin, wanted: Requirement, other: Plugin | None
) -> tuple[State, Problem] | None:
    params = {"plugin": plugin.name, "other": wanted.name, "wanted": str(wanted.specifier)}
    if other is None:
        return State.MISCONFIGURED, Problem(
            "JS-4001",
            N_("插件 %(plugin)s 要用插件 %(other)s，这里没有它"),
            N_("先安装 %(other)s，再重启门户"),
            params=params,
        )
    if other.state is not State.LOADED or other.manifest is None:
        return State.MISCONFIGURED, Problem(
            "JS-4001",
            N_("插件 %(plugin)s 要用插件 %(other)s，它现在是「%(state)s」"),
            N_("先让 %(other)s 正常：见 /admin/plugins/%(other)s"),
            params={**params, "state": other.state_label},
        )
    if not wanted.specifier.contains(other.manifest.version, prereleases=True):
        return State.INCOMPATIBLE, Problem(
            "JS-4001",
            N_("插件 %(plugin)s 要 %(other)s 的 %(wanted)s，这里是 %(version)s"),
            N_("安装配套版本的 %(other)s，或与它配套的 %(plugin)s"),
            params={**params, "version": other.manifest.version},
        )
    return None


def _circle(plugin: Plugin, names: tuple[str, ...]) -> Problem:
    return Problem(
        "JS-4001",
        N_("插件互相依赖成了圈：%(circle)s"),
        N_("请插件作者去掉 %(plugin)s 的一个依赖"),
        params={"plugin": plugin.name, "circle": " → ".join(names)},
    )
