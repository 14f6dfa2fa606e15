"""Plugins: found (discovery), checked (manifest, config, registry), called apart (plugins)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, current_app, request
from markupsafe import Markup

from kb.problems import ProblemError
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.contributions import NavigationItem
    from portal.plugin_host.context import LibraryView
    from portal.plugin_host.plugins import PluginHost
    from portal.plugin_host.services import Notify


def host() -> PluginHost:
    """The host of the current application."""
    found: PluginHost = current_app.extensions["plugins"]
    return found


def install(app: Flask, settings: Settings, library: LibraryView, notify: Notify) -> None:
    """Give the application its host. Plugins are loaded on first use, not here.

    `library` is the window through which plugins look at articles, `notify` how they tell people.
    """
    from portal.plugin_host import (
        models,  # noqa: F401 - so that its tables are known
        pages,
    )
    from portal.plugin_host.plugins import PluginHost
    from portal.plugin_host.services import HostServices

    app.extensions["plugins"] = PluginHost(app, settings, library, HostServices(notify))
    app.jinja_env.globals["plugin_nav"] = plugin_nav
    app.jinja_env.globals["plugin_slots"] = plugin_slots
    pages.install(app)
    app.before_request(_refresh)


def mount(app: Flask) -> None:
    """After the core's own rooms: in strict mode, refuse to start with a faulty plugin.

    Raises ProblemError JS-4001 or JS-4002 in strict mode only.
    """
    found: PluginHost = app.extensions["plugins"]
    if found.settings.plugins_strict:
        with app.app_context():
            try:
                found.reload()
                found.collect_all()
            except ProblemError:
                # There will be no application that could let go of them.
                found.let_go()
                raise


def preload(app: Flask) -> None:
    """In a process that serves: load the plugins and ask them for everything before readers come;
    in development, read them again when their files change.
    """
    found: PluginHost = app.extensions["plugins"]
    with app.app_context():
        found.reload(collect=True)
    if found.settings.dev:
        from portal.plugin_host.watching import Watcher

        Watcher(app).start()


def plugin_nav() -> tuple[NavigationItem, ...]:
    """The menu entries of plugins for whoever is asking (a template global)."""
    from portal.accounts.identity import asking

    return host().navigation(asking())


def plugin_slots(slot: str, subject: object = None) -> Markup:
    """What plugins put into a slot of the page, for whoever is asking (a template global)."""
    from portal.accounts.identity import asking
    from portal.plugin_host.rights import viewer_of

    return host().cards.slot(slot, viewer_of(asking()), subject)


def _refresh() -> None:
    if request.endpoint != "static":
        host().refresh()
