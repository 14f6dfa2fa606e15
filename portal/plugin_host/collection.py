"""What the plugins of one snapshot contribute, hook by hook, each hook asked once.

Nothing of this holds a lock while a plugin's code runs: that code may ask the portal for something
that needs another hook, or this very one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import has_request_context

from portal.plugin_host import owners
from portal.plugin_host.calls import Fault, attempt
from portal.plugin_host.collecting import Collected, sort_out
from portal.plugin_host.states import Plugin

if TYPE_CHECKING:
    from portal.plugin_host.plugins import PluginHost
    from portal.plugin_host.registry import Snapshot

MOST_ITEMS = 1000
"""What one plugin may contribute to one hook: a generator may have no end."""

PATIENCE = 5.0
"""Seconds that a hook may take where nobody waits for a page: at start-up, in commands."""


class Collection:
    """Collects from one snapshot.

    A hook that takes longer than a reader may wait goes on by itself; what it gives is taken in
    when it comes.
    """

    def __init__(self, host: PluginHost, snapshot: Snapshot) -> None:
        self._host = host
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._sorted: dict[str, tuple[Collected, ...]] = {}
        self._given: dict[tuple[str, str], list[object] | None] = {}
        """(hook, plugin) → what it returned; None: nothing yet, or nothing usable."""
        self._waited: dict[str, float] = {}
        """Plugin → seconds that readers have waited for it."""
        self._gates: dict[str, threading.Event] = {}
        self._judged: set[tuple[str, str]] = set()
        self._arrivals = 0
        self._reserved = host.reserved()

    def get(self, hook: str) -> tuple[Collected, ...]:
        """What all plugins contribute to `hook`."""
        known = self._sorted.get(hook)
        if known is not None:
            return known
        with self._lock:
            gate = self._gates.get(hook)
            mine = gate is None
            if gate is None:
                gate = self._gates[hook] = threading.Event()
        if not mine:
            # A plugin's own code must not wait for what may be waiting for it.
            if not owners.owner():
                gate.wait(PATIENCE)
            return self._sorted.get(hook, ())
        try:
            arrivals = self._arrivals
            found = self._ask_all(hook)
            if arrivals == self._arrivals:
                self._sorted[hook] = found
        finally:
            with self._lock:
                del self._gates[hook]
            gate.set()
        return found

    def _ask_all(self, hook: str) -> tuple[Collected, ...]:
        found: list[Collected] = []
        for plugin, implementation in self._snapshot.implementations(hook):
            key = (hook, plugin.name)
            if key not in self._given:
                self._given[key] = self._ask(plugin, hook, implementation)
            items = self._given[key]
            if items is not None:
                found += self._accepted(plugin, hook, items, found)
        return tuple(found)

    def _ask(self, plugin: Plugin, hook: str, implementation: Any) -> list[object] | None:
        def materialised() -> list[object]:
            # Inside the guard, because a generator fails late.
            result = self._host.run(plugin, hook, implementation, {})
            if result is None or isinstance(result, str | bytes | Mapping):
                raise TypeError(f"returned {type(result).__name__}, not a list")
            items = list(islice(result, MOST_ITEMS + 1))
            if len(items) > MOST_ITEMS:
                raise ValueError(f"gave more than {MOST_ITEMS} items")
            return items

        seconds = PATIENCE
        if has_request_context():
            seconds = self._host.settings.plugins_budget - self._waited.get(plugin.name, 0.0)
        items = self._host.guarded(
            plugin,
            hook,
            materialised,
            max(seconds, 0.0),
            waited=lambda spent: self._wait(plugin, spent),
            late=lambda result: self._come_late(plugin, hook, result),
        )
        return None if isinstance(items, Fault) else items

    def _wait(self, plugin: Plugin, spent: float) -> None:
        self._waited[plugin.name] = self._waited.get(plugin.name, 0.0) + spent

    def _come_late(self, plugin: Plugin, hook: str, items: list[object] | Fault) -> None:
        if isinstance(items, Fault):
            return
        self._given[hook, plugin.name] = items
        self._arrivals += 1
        self._sorted.pop(hook, None)
        self._host.changed()

    def _accepted(
        self, plugin: Plugin, hook: str, items: list[object], taken: list[Collected]
    ) -> list[Collected]:
        # Looking at an item runs its author's code as well (properties, validators).
        with owners.running(plugin.name):
            sorted_out = attempt(lambda: sort_out(hook, plugin.name, items, taken, self._reserved))
        if isinstance(sorted_out, Fault):
            self._host.failed(plugin, hook, sorted_out)
            return []
        kept, problems = sorted_out
        if (hook, plugin.name) not in self._judged:
            # Sorted again when another plugin's items come late; what is wrong is said once.
            self._judged.add((hook, plugin.name))
            for problem in problems:
                self._host.record(plugin, hook, problem)
        plugin.contributions = [one for one in plugin.contributions if one[0] != hook]
        plugin.contributions += [(hook, str(one.item.name)) for one in kept]
        return kept
