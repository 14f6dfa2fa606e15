"""How every plugin stands, as plain values: for ``portal plugins list --json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal import hookspecs
from portal.plugin_host.ledger import Tally
from portal.plugin_host.plugins import PluginHost
from portal.plugin_host.registering import hook_names
from portal.plugin_host.states import Plugin


def rows(host: PluginHost) -> list[dict[str, Any]]:
    """One dictionary for each plugin, in the host's order. Texts are Chinese."""
    return [_row(plugin) for plugin in host.report()]


def _row(plugin: Plugin) -> dict[str, Any]:
    manifest, problem = plugin.manifest, plugin.problem
    return {
        "name": plugin.name,
        "title": plugin.title,
        "version": manifest.version if manifest else "",
        "category": manifest.category if manifest else "",
        "requires_api": manifest.requires_api if manifest else "",
        "source": plugin.source.value,
        "source_label": plugin.source_label,
        "origin": plugin.origin,
        "state": plugin.state.value,
        "state_label": plugin.state_label,
        "code": problem.code if problem else "",
        "reason": problem.text() if problem else "",
        "next_step": problem.next_step() if problem else "",
        "hooks": list(plugin.hooks),
        "contributions": [{"hook": hook, "name": name} for hook, name in plugin.contributions],
        "failures": [
            {"where": one.where, "message": one.problem.text(), "count": one.count}
            for one in plugin.failures
        ],
    }


@dataclass(frozen=True)
class HookUse:
    """One plugin's part in a hook."""

    plugin: Plugin
    names: tuple[str, ...]
    """What it contributes."""
    tally: Tally


@dataclass(frozen=True)
class HookRow:
    """A hook with everybody who implements it, in the order they are called."""

    name: str
    about: str
    uses: tuple[HookUse, ...]


def hook_rows(host: PluginHost) -> list[HookRow]:
    """Every hook there is, in the order of the contract."""
    host.collect_all()
    tallies = host.ledger.tallies()
    rows = []
    for name in hook_names():
        about = (getattr(hookspecs, name).__doc__ or "").split("::")[0].split("\n\n")[0]
        uses = tuple(
            HookUse(
                plugin,
                tuple(item for hook, item in plugin.contributions if hook == name),
                tallies.get((plugin.name, name), Tally()),
            )
            for plugin, _implementation in host.snapshot().implementations(name)
        )
        rows.append(HookRow(name, " ".join(about.split()), uses))
    return rows
