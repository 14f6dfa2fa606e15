"""What a plugin is given: its own name, settings, log and folder, and a window on the library."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

from portal.contributions import Viewer


@dataclass(frozen=True)
class ArticleSummary:
    """A published article in a list."""

    id: int
    kind: str
    kind_label: str
    title: str
    url: str
    summary: str
    published_at: datetime | None


class LibraryView(Protocol):
    """Read-only questions to the library. Each answers for a reader: he sees what he may see."""

    def newest(
        self,
        viewer: Viewer,
        *,
        limit: int = 5,
        kind: str | None = None,
        since: datetime | None = None,
    ) -> tuple[ArticleSummary, ...]:
        """Published articles, newest first."""

    def nth(self, viewer: Viewer, number: int, *, kind: str | None = None) -> ArticleSummary | None:
        """The article at `number` modulo how many there are, in a fixed order; None: no article."""

    def counts(self, viewer: Viewer | None = None) -> Mapping[str, int]:
        """Kind → published articles. Without a viewer: all, for operators' commands."""


class Services(Protocol):
    """What the portal does for plugins besides answering questions about the library."""

    def notify(self, plugin: str, to: str, subject: str, body: str, url: str) -> bool:
        """See `PluginContext.notify`."""

    def may(self, plugin: str, permission: str, viewer: Viewer) -> bool:
        """See `PluginContext.may`."""

    def viewer(self) -> Viewer:
        """See `PluginContext.viewer`."""

    def render(self, plugin: str, template: str, values: Mapping[str, Any]) -> Markup:
        """See `PluginContext.render`."""

    def asset(self, plugin: str, file: str) -> str:
        """See `PluginContext.asset`."""


@dataclass(frozen=True)
class PluginContext:
    """A plugin's own context, handed to each of its hooks."""

    name: str
    config: Any
    """An instance of the manifest's config model, validated."""
    log: logging.Logger
    home: Path
    """The portal's home, for the two folders below."""
    library: LibraryView
    services: Services

    @classmethod
    def made(
        cls, name: str, config: Any, home: Path, library: LibraryView, services: Services
    ) -> PluginContext:
        """A context with the log that belongs to the plugin."""
        log = logging.getLogger(f"portal.plugins.{name}")
        return cls(name, config, log, home, library, services)

    @property
    def data_dir(self) -> Path:
        """A folder for this plugin's own files; made when first asked for."""
        path = self.home / "plugins" / self.name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def connectors_dir(self) -> Path:
        """Where other systems put files for the portal. May not exist yet."""
        return self.home / "connectors"

    def viewer(self) -> Viewer:
        """Who is asking, in a view of the plugin's own pages; elsewhere a visitor."""
        return self.services.viewer()

    def may(self, permission: str, viewer: Viewer | None = None) -> bool:
        """May `viewer` (by default: who is asking) do what this plugin's permission is for?

        A permission the plugin has not registered is nobody's.
        """
        return self.services.may(self.name, permission, viewer or self.viewer())

    def notify(self, to: str, subject: str, body: str, url: str = "") -> bool:
        """Tell the person with the login name `to`; False when there is nobody of that name.

        The message stands in the portal at once; channels bring it out later.
        """
        return self.services.notify(self.name, to, subject, body, url)

    def render(self, template: str, /, **values: Any) -> Markup:
        """One of the plugin's own templates (a name inside the manifest's `templates` folder)."""
        return self.services.render(self.name, template, values)

    def url(self, path: str = "") -> str:
        """The address of one of the plugin's own pages: ``ctx.url("entries/3")``."""
        return f"/x/{self.name}/{path.lstrip('/')}"

    def asset(self, file: str) -> str:
        """The address of a file in the manifest's `static` folder; changes with its content."""
        return self.services.asset(self.name, file)
