"""How every plugin stands, as plain values: for ``portal plugins list --json``."""

from __future__ import annotations

from typing import Any

from portal.plugin_host.plugins import PluginHost
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
