"""From what was found to what runs: import, manifest, dependencies, settings, tables, hooks.

Each is checked in turn; a plugin that fails one is left where it stands, with a reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import pluggy

from kb.problems import N_, Problem
from portal.plugin_host import config, discovery, manifest, owners, store, structure, vault
from portal.plugin_host.calls import Fault, attempt, explain_import, started_threads
from portal.plugin_host.collection import PATIENCE, Collection
from portal.plugin_host.manifest import API_VERSION, NAME
from portal.plugin_host.order import in_order, with_dependencies
from portal.plugin_host.registering import new_manager, register
from portal.plugin_host.states import Failure, Plugin, Source, State
from portal.plugin_host.store import Stored

if TYPE_CHECKING:
    from portal.plugin_host.mounts import Mount
    from portal.plugin_host.plugins import PluginHost
    from portal.settings import Settings

Implementation = tuple[Plugin, pluggy.HookImpl]


@dataclass
class Snapshot:
    """The plugins as they stand between two changes. Replaced whole, so that nobody sees half."""

    generation: int | None
    plugins: tuple[Plugin, ...]
    manager: pluggy.PluginManager
    fingerprint: str
    collection: Collection | None = None
    mounts: dict[str, Mount | None] = field(default_factory=dict)
    calls: dict[str, tuple[Implementation, ...]] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Plugin]:
        """Name → plugin; of two with one name, the one that runs."""
        return {plugin.name: plugin for plugin in reversed(self.plugins)}

    def implementations(self, hook: str) -> tuple[Implementation, ...]:
        """Who implements `hook`, in the host's order (pluggy's own is last in, first out)."""
        if hook not in self.calls:
            found = {impl.plugin: impl for impl in getattr(self.manager.hook, hook).get_hookimpls()}
            self.calls[hook] = tuple(
                (plugin, found[plugin.module])
                for plugin in self.plugins
                if plugin.running and plugin.module in found
            )
        return self.calls[hook]


def take_snapshot(host: PluginHost) -> Snapshot:
    """Load what is switched on. Never raises for a plugin's sake."""
    # Before the decisions: what is read after can only be newer than its label.
    generation = store.generation()
    stored = store.decisions()
    loading = _Loading(host, stored)
    for found in in_order(discovery.discover(host.settings), host.settings.plugins_order):
        loading.bring_in(found)
    plugins = with_dependencies(loading.plugins)
    for plugin in plugins:
        if plugin.state is State.LOADED:
            loading.guard(plugin, partial(loading.start, plugin))
    return Snapshot(generation, tuple(plugins), loading.manager, _fingerprint(plugins))


class _Loading:
    """Brings plugins in one after another."""

    def __init__(self, host: PluginHost, stored: dict[str, Stored]) -> None:
        self.plugins: list[Plugin] = []
        self.manager = new_manager()
        self._host = host
        self._settings: Settings = host.settings
        self._stored = stored

    def bring_in(self, found: discovery.Found) -> None:
        """Import a plugin that is switched on, and check its manifest."""
        plugin = Plugin(found.name, found.source, found.origin)
        first = next((other for other in self.plugins if other.name == found.name), None)
        self.plugins.append(plugin)
        decision = self._stored.get(found.name, Stored())
        plugin.roles = decision.roles
        plugin.config = {**self._settings.plugins.get(found.name, {}), **decision.config}
        if first is not None:
            plugin.stop(State.FAILED, _same_name(plugin, first))
        elif not NAME.fullmatch(found.name):
            plugin.stop(State.FAILED, _bad_name(plugin))
        elif not self._switched_off(plugin, decision.enabled):
            self.guard(plugin, lambda: self._import(plugin, found))

    def guard(self, plugin: Plugin, work: Callable[[], None]) -> None:
        """Look at what an author has written: even that may run his code, and raise."""
        result = attempt(work)
        if isinstance(result, Fault):
            problem = explain_import(plugin.name, result)
            plugin.stop(State.FAILED, problem)
            self._note(plugin, "import", problem, result.traceback)

    def _switched_off(self, plugin: Plugin, enabled: bool | None) -> bool:
        if self._settings.plugins_safe_mode and plugin.source is not Source.BUNDLED:
            message = N_("安全模式：只载入随门户提供的插件")
            remedy = N_("不带 --safe-mode（或去掉设置 plugins_safe_mode）再启动")
        elif enabled is False:
            message, remedy = N_("管理员停用了它"), N_("要用它，就在 /admin/plugins 启用")
        elif enabled is None and plugin.name in self._settings.plugins_disabled:
            message = N_("设置 plugins_disabled 里停用了它")
            remedy = N_("要用它，就在 /admin/plugins 启用，或改这项设置")
        else:
            return False
        plugin.stop(State.DISABLED, Problem("JS-4001", message, remedy, severity="warning"))
        return True

    def _import(self, plugin: Plugin, found: discovery.Found) -> None:
        unfit = manifest.unfit_before_import(found)
        if unfit is not None:
            plugin.stop(*unfit)
            return
        threads = owners.threads_started(plugin.name)
        # In a thread: an import that hangs, or waits for another that hangs, is not waited for.
        module = self._host.pool.run(plugin.name, found.load, PATIENCE)
        if isinstance(module, Fault):
            problem = explain_import(plugin.name, module)
            plugin.stop(State.FAILED, problem)
            self._note(plugin, "import", problem, module.traceback)
            return
        plugin.module = module
        plugin.manifest = getattr(module, "manifest", None)
        fault = manifest.fault_in(plugin.manifest, plugin.name)
        if fault is not None:
            plugin.manifest = None
            plugin.stop(*fault)
            return
        plugin.state = State.LOADED
        started = owners.threads_started(plugin.name) - threads
        if started:
            self._note(plugin, "import", started_threads(plugin.name, started))

    def start(self, plugin: Plugin) -> None:
        """Settings, tables and hooks of a plugin whose manifest is in order."""
        assert plugin.manifest is not None and plugin.module is not None
        pending = structure.problem_of(plugin.name, plugin.manifest, plugin.module)
        if pending is not None:
            waits = pending.code == structure.NOT_CURRENT
            plugin.stop(State.MISCONFIGURED if waits else State.FAILED, pending)
            return
        wrong = self._configure(plugin)
        if wrong is not None:
            plugin.stop(State.MISCONFIGURED, wrong)
            return
        wrong = register(plugin, plugin.module, self.manager)
        if wrong is not None:
            plugin.stop(State.FAILED, wrong)
            return
        plugin.state = State.ACTIVE
        if plugin.failures:
            plugin.stop(State.DEGRADED, plugin.failures[0].problem)

    def _configure(self, plugin: Plugin) -> Problem | None:
        assert plugin.manifest is not None
        try:
            secrets = vault.opened(self._stored.get(plugin.name, Stored()).secrets)
        except ValueError as error:
            return _unreadable(plugin, str(error))
        plugin.secrets = frozenset(secrets)
        model = plugin.manifest.config or config.NoConfig
        made, problems = config.validate(model, {**plugin.config, **secrets}, plugin.name)
        if problems:
            first = problems[0]
            return Problem(
                "JS-4002",
                N_("插件 %(plugin)s 的设置 %(field)s：%(wrong)s"),
                first.remedy,
                where=first.where,
                params={**first.params, "plugin": plugin.name, "field": first.where}
                | {"wrong": first.text()},
            )
        plugin.ctx = self._host.context_of(plugin.name, made)
        plugin.settings = repr(made)
        return None

    def _note(self, plugin: Plugin, where: str, problem: Problem, traceback: str = "") -> None:
        from portal.db import utcnow

        plugin.note(Failure(where, problem, traceback, utcnow()))
        self._host.ledger.failed(plugin.name, Failure(where, problem, traceback, utcnow()))


def _bad_name(plugin: Plugin) -> Problem:
    return Problem(
        "JS-4001",
        N_("插件名 %(plugin)s 不能用"),
        N_("用 2–40 个小写字母、数字、下划线，以字母开头；下划线不连写，也不放在末尾"),
        params={"plugin": plugin.name},
    )


def _same_name(plugin: Plugin, first: Plugin) -> Problem:
    return Problem(
        "JS-4001",
        N_("有两个插件都叫 %(plugin)s：%(first)s 和 %(second)s；用了前一个"),
        N_("移走或改名其中一个，再重启"),
        params={"plugin": plugin.name, "first": first.origin, "second": plugin.origin},
    )


def _unreadable(plugin: Plugin, setting: str) -> Problem:
    return Problem(
        "JS-4002",
        N_("插件 %(plugin)s 存着的 %(field)s 解不开：门户的密钥（secret_key）换过"),
        N_("在 /admin/plugins/%(plugin)s 里重新填一次 %(field)s"),
        where=setting,
        params={"plugin": plugin.name, "field": setting},
    )


def _fingerprint(plugins: list[Plugin]) -> str:
    """Changes with the running plugins, their versions and their settings."""
    parts: list[object] = [API_VERSION]
    for plugin in plugins:
        if plugin.running and plugin.manifest is not None:
            version = str(plugin.manifest.version)
            parts.append([plugin.name, version, plugin.settings, plugin.revision])
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
