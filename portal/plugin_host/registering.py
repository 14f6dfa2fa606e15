"""Handing a module's hooks to pluggy; a plugin with one bad hook is left out whole."""

from __future__ import annotations

import difflib
import inspect
from types import ModuleType
from typing import Any

import pluggy

from kb.problems import N_, Problem
from portal import hookspecs
from portal.deprecations import warn_of_hook
from portal.plugin_host.calls import Fault, attempt
from portal.plugin_host.states import Plugin


def new_manager() -> pluggy.PluginManager:
    """A manager that knows our hooks and no plugin."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def hook_names() -> tuple[str, ...]:
    """Every hook there is."""
    return tuple(name for name in vars(hookspecs) if name.startswith("portal_"))


def register(plugin: Plugin, module: ModuleType, manager: pluggy.PluginManager) -> Problem | None:
    """Register the plugin's hooks; gives what is wrong with them (then none is registered)."""
    hooks = []
    for name in dir(module):
        options = manager.parse_hookimpl_opts(module, name)
        wrong = _wrong_hook(plugin, module, name, options)
        if wrong is not None:
            return wrong
        if options is not None:
            hook = options.get("specname") or name
            hooks.append(hook)
            warn_of_hook(hook, getattr(module, name))
    registered = attempt(lambda: manager.register(module, plugin.name))
    if isinstance(registered, Fault):
        # Older pluggy leaves a refused plugin half registered.
        attempt(lambda: manager.unregister(name=plugin.name))
        return _bad_hook(plugin, registered.text, N_("参数要与 portal.hookspecs 里的一致"))
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
            N_("请插件作者改为 %(close)s") if close else N_("可用的钩子见 docs/plugins/hooks.md"),
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
