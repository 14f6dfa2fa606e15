"""Plugins: found (discovery), checked (manifest, config, registry), called apart (plugins)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, current_app, request

from portal.settings import Settings

if TYPE_CHECKING:
    from portal.contributions import NavigationItem
    from portal.plugin_host.context import LibraryView
    from portal.plugin_host.plugins import PluginHost


def host() -> PluginHost:
    """The host of the current application."""
    found: PluginHost = current_app.extensions["plugins"]
    return found


def install(app: Flask, settings: Settings, library: LibraryView) -> None:
    """Give the application its host. Plugins are loaded on first use, not here.

    `library` is the window through which plugins look at articles.
    """
    from portal.plugin_host import models  # noqa: F401 - so that its table is known
    from portal.plugin_host.plugins import PluginHost

    app.extensions["plugins"] = PluginHost(settings, library)
    app.jinja_env.globals["plugin_nav"] = plugin_nav
    app.before_request(_refresh)


def mount(app: Flask) -> None:
    """After the core's own rooms: in strict mode, refuse to start with a faulty plugin.

    Raises ProblemError JS-4001 or JS-4002 in strict mode only.
    """
    found: PluginHost = app.extensions["plugins"]
    if found.settings.plugins_strict:
        with app.app_context():
            found.reload()
            found.collect_all()


def plugin_nav() -> tuple[NavigationItem, ...]:
    """The menu entries of plugins for whoever is asking (a template global)."""
    from portal.accounts.identity import asking

    return host().navigation(asking())


def _refresh() -> None:
    if request.endpoint != "static":
        host().refresh()
