"""What the portal does for plugins: templates, addresses of files, rights, messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, has_request_context, render_template
from markupsafe import Markup

from portal.contributions import Viewer

Notify = Callable[[str, str, str, str, str], bool]
"""(plugin, login name, subject, body, url) → whether there is such a person."""


class HostServices:
    """Implements `portal.plugin_host.context.Services`."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify

    def notify(self, plugin: str, to: str, subject: str, body: str, url: str) -> bool:
        """Tell somebody something."""
        return self._notify(plugin, to, subject, body, url)

    def may(self, plugin: str, permission: str, viewer: Viewer) -> bool:
        """Has `viewer` the role that the permission needs? False for an unknown permission."""
        from portal.plugin_host.rights import may

        return may(plugin, permission, viewer)

    def viewer(self) -> Viewer:
        """Who is asking."""
        if not has_request_context():
            return Viewer()
        from portal.accounts.identity import asking
        from portal.plugin_host.rights import viewer_of

        return viewer_of(asking())

    def render(self, plugin: str, template: str, values: Mapping[str, Any]) -> Markup:
        """The plugin's template; what it gives is HTML."""
        taken = sorted(values.keys() & current_app.jinja_env.globals.keys())
        if taken:
            raise ValueError(f"the portal's templates need {', '.join(taken)}: name it otherwise")
        page = render_template(f"x/{plugin}/{template}", **values)
        return Markup(page)  # noqa: S704 - Jinja has escaped what is not markup

    def asset(self, plugin: str, file: str) -> str:
        """The address of a static file of the plugin."""
        from portal.plugin_host.pages import asset_url

        return asset_url(plugin, file)
