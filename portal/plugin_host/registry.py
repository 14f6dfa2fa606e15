"""From what was found to what runs: import, manifest, settings, hooks — each checked in turn."""

from __future__ import annotations

import difflib
import hashlib
import inspect
import json
import logging
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pluggy

from kb.problems import N_, Problem
from portal import hookspecs
from portal.plugin_host import config, discovery, store
from portal.plugin_host.calls import Fault, attempt, explain_import, quiet
from portal.plugin_host.collecting import Collected
from portal.plugin_host.context import LibraryView, PluginContext
from portal.plugin_host.manifest import API_VERSION, NAME, fault_in
from portal.plugin_host.states import Failure, Plugin, Source, State
from portal.settings import Settings

Implementation = tuple[Plugin, pluggy.HookImpl]


@dataclass
class Snapshot:
    """The plugins as they stand between two changes. Replaced whole, so that nobody sees half."""

    generation: int | None
    plugins: tuple[Plugin, ...]
    manager: pluggy.PluginManager
    fingerprint: str
    collected: dict[str, tuple[Collected, ...]] = field(default_factory=dict)
    calls: dict[str, tuple[Implementation, ...]] = field(default_factory=dict)

    def implementations(self, hook: str) -> tuple[Implementation, ...]:
        """Who implements `hook`, in the host's order (pluggy's own is last in, first out)."""
        if hook not in self.calls:
            found = getattr(self.manager.hook, hook).get_hookimpls()
            self.calls[hook] = tuple(
                (plugin, impl)
                for plugin in self.plugins
                for impl in found
                if plugin.running and impl.plugin is plugin.module
            )
        return self.calls[hook]


def new_manager() -> pluggy.PluginManager:
    """A manager that knows our hooks and no plugin."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def hook_names() -> tuple[str, ...]:
    """Every hook there is."""
    return tuple(name for name in vars(hookspecs) if name.startswith("portal_"))


def take_snapshot(settings: Settings, library: LibraryView) -> Snapshot:
    """Load what is switched on. Never raises for a plugin's sake."""
    # Before the decisions: what is read after can only be newer than its label.
    generation = store.generation()
    stored = store.decisions()
    manager = new_manager()
    plugins: list[Plugin] = []
    for found in discovery.discover(settings):
        plugin = Plugin(found.name, found.source, found.origin)
        first = next((other for other in plugins if other.name == found.name), None)
        decision = stored.get(found.name, store.Stored(None, {}))
        plugin.config = {**settings.plugins.get(found.name, {}), **decision.config}
        if first is not None:
            plugin.stop(State.FAILED, _same_name(plugin, first))
        elif not _switched_off(plugin, settings, decision.enabled):
            _load(plugin, found, manager, settings, library)
        plugins.append(plugin)
    return Snapshot(generation, tuple(plugins), manager, _fingerprint(plugins))


def _switched_off(plugin: Plugin, settings: Settings, enabled: bool | None) -> bool:
    if settings.plugins_safe_mode and plugin.source is not Source.BUNDLED:
        message, remedy = (
            N_("安全模式：只载入随门户提供的插件"),
            N_("去掉 plugins_safe_mode 再重启"),
        )
    elif enabled is False:
        message, remedy = N_("管理员停用了它"), N_("要用它，就在 /admin/plugins 启用")
    elif enabled is None and plugin.name in settings.plugins_disabled:
        message = N_("设置 plugins_disabled 里停用了它")
        remedy = N_("要用它，就在 /admin/plugins 启用，或改这项设置")
    else:
        return False
    plugin.stop(State.DISABLED, Problem("JS-4001", message, remedy, severity="warning"))
    return True


def _load(
    plugin: Plugin,
    found: discovery.Found,
    manager: pluggy.PluginManager,
    settings: Settings,
    library: LibraryView,
) -> None:
    if not NAME.fullmatch(found.name):
        plugin.stop(State.FAILED, _bad_name(plugin))
        return
    with quiet(plugin.name):
        module = attempt(found.load)
    if isinstance(module, Fault):
        problem = explain_import(plugin.name, module)
        plugin.stop(State.FAILED, problem)
        _note(plugin, "import", problem, module.traceback)
        return
    plugin.module = module
    manifest = getattr(module, "manifest", None)
    fault = fault_in(manifest, plugin.name)
    if fault is not None:
        plugin.stop(*fault)
        return
    plugin.manifest = manifest
    wrong = _configure(plugin, settings, library)
    if wrong is not None:
        plugin.stop(State.MISCONFIGURED, wrong)
        return
    problem_ = _register(plugin, module, manager)
    if problem_ is not None:
        plugin.stop(State.FAILED, problem_)
        return
    plugin.state = State.ACTIVE


def _configure(plugin: Plugin, settings: Settings, library: LibraryView) -> Problem | None:
    assert plugin.manifest is not None
    model = plugin.manifest.config or config.NoConfig
    made, problems = config.validate(model, plugin.config, plugin.name)
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
    plugin.ctx = PluginContext(
        name=plugin.name,
        config=made,
        log=logging.getLogger(f"portal.plugins.{plugin.name}"),
        home=settings.home,
        library=library,
    )
    return None


def _register(plugin: Plugin, module: ModuleType, manager: pluggy.PluginManager) -> Problem | None:
    """Hand the hooks to pluggy; a plugin with one bad hook is left out whole."""
    hooks = []
    for name in dir(module):
        options = manager.parse_hookimpl_opts(module, name)
        wrong = _wrong_hook(plugin, module, name, options)
        if wrong is not None:
            return wrong
        if options is not None:
            hooks.append(options.get("specname") or name)
    registered = attempt(lambda: manager.register(module, plugin.name))
    if isinstance(registered, Fault):
        # Older pluggy leaves a refused plugin half registered.
        attempt(lambda: manager.unregister(name=plugin.name))
        problem = _bad_hook(plugin, registered.text, N_("参数要与 portal.hookspecs 里的一致"))
        _note(plugin, "register", problem, registered.traceback)
        return problem
    plugin.hooks = tuple(sorted(set(hooks)))
    return None


def _wrong_hook(plugin: Plugin, module: ModuleType, name: str, options: Any) -> Problem | None:
    known = hook_names()
    if options is None:
        function = inspect.getattr_static(module, name, None)
        ours = inspect.isfunction(function) and function.__module__ == module.__name__
        if ours and name in known:
            return _bad_hook(plugin, name, N_("在它上面加 @hookimpl，否则不会被调用"))
        return None
    hook = options.get("specname") or name
    if hook not in known:
        close = difflib.get_close_matches(hook, known, n=1)
        return Problem(
            "JS-4001",
            N_("插件 %(plugin)s 实现了不存在的钩子 %(hook)s"),
            N_("请插件作者改为 %(close)s") if close else N_("可用的钩子见 docs/plugins.md"),
            params={"plugin": plugin.name, "hook": hook, "close": close[0] if close else ""},
        )
    for option in ("wrapper", "hookwrapper", "tryfirst", "trylast"):
        if options.get(option):
            return _bad_hook(plugin, f"{hook}({option}=True)", N_("去掉它：插件的先后由门户决定"))
    known_arguments = inspect.signature(getattr(hookspecs, hook)).parameters
    arguments = inspect.signature(getattr(module, name)).parameters
    if any(argument not in known_arguments for argument in arguments):
        wanted = N_("参数只能从 portal.hookspecs 里写的当中选")
        return _bad_hook(plugin, f"{hook}({', '.join(arguments)})", wanted)
    return None


def _bad_hook(plugin: Plugin, hook: str, remedy: str) -> Problem:
    message = N_("插件 %(plugin)s 的钩子不能用：%(hook)s")
    return Problem("JS-4001", message, remedy, params={"plugin": plugin.name, "hook": hook})


def _bad_name(plugin: Plugin) -> Problem:
    return Problem(
        "JS-4001",
        N_("插件名 %(plugin)s 不能用"),
        N_("用 2–40 个小写字母、数字、下划线，以字母开头"),
        params={"plugin": plugin.name},
    )


def _same_name(plugin: Plugin, first: Plugin) -> Problem:
    return Problem(
        "JS-4001",
        N_("有两个插件都叫 %(plugin)s：%(first)s 和 %(second)s；用了前一个"),
        N_("移走或改名其中一个，再重启"),
        params={"plugin": plugin.name, "first": first.origin, "second": plugin.origin},
    )


def _note(plugin: Plugin, where: str, problem: Problem, traceback: str) -> None:
    from portal.db import utcnow

    plugin.note(Failure(where, problem, traceback, utcnow()))


def _fingerprint(plugins: list[Plugin]) -> str:
    """Changes with the running plugins, their versions and their settings."""
    parts: list[object] = [API_VERSION]
    for plugin in plugins:
        if plugin.running and plugin.manifest is not None:
            parts.append([plugin.name, plugin.manifest.version, plugin.config])
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
