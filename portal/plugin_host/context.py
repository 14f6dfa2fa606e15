"""What a plugin is given: its own name, settings, log and folder, and a window on the library."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

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
