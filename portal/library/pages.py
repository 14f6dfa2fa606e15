"""What the templates of the library are given: plain, frozen view models, no ORM objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from kb.document import Heading
from portal.contributions import ArticleView


@dataclass(frozen=True)
class Link:
    """A title and where it leads."""

    title: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Card:
    """An article in a list."""

    id: int
    kind: str
    kind_label: str
    mark: str
    title: str
    url: str
    summary: str = ""
    updated: datetime | None = None
    code: str = ""
    views: int = 0
    draft: bool = False


@dataclass(frozen=True)
class SeriesNav:
    """Where an article stands in its series; `position` counts from 1."""

    title: str
    url: str
    position: int
    total: int
    items: tuple[Link, ...]
    previous: Link | None
    next: Link | None


@dataclass(frozen=True)
class TreeNode:
    """A page in a manual's tree; `open` when the current page is it or below it."""

    title: str
    url: str
    current: bool = False
    open: bool = False
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True)
class ArticlePage:
    """Everything the reading page shows."""

    id: int
    kind: str
    kind_label: str
    kind_url: str
    mark: str
    title: str
    summary: str
    url: str
    html: Markup
    outline: tuple[Heading, ...]
    minutes: int
    updated: datetime
    revision: int
    owner: str
    space: str
    tags: tuple[Link, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The kind's own fields, by name (code, symptom, cause, remedy; industry, source, figures)."""
    own_fields: tuple[tuple[str, str], ...] = ()
    """(label, text) of the fields that a plugin's kind adds, as far as they are filled in."""
    series: SeriesNav | None = None
    tree: tuple[TreeNode, ...] = ()
    previous: Link | None = None
    next: Link | None = None
    related: tuple[Card, ...] = ()
    solved: int = 0
    unsolved: int = 0
    draft: bool = False
    """True when this shows an unpublished revision (to those who may see it)."""
    failed_extensions: tuple[str, ...] = ()

    @property
    def view(self) -> ArticleView:
        """The article as plugins see it."""
        return ArticleView(
            self.id, self.kind, self.title, self.url, not self.draft, self.summary, self.updated
        )


@dataclass(frozen=True)
class ListPage:
    """A list of articles: of a kind, a tag, a space."""

    title: str
    description: str
    cards: tuple[Card, ...]
    total: int
    page: int
    pages: int
    url: str
    kind: str = ""
    mark: str = ""
    tags: tuple[Link, ...] = ()
    """Tags found among these, most used first, for narrowing; the current one is marked."""
    series: tuple[SeriesCard, ...] = ()
    tree: tuple[TreeNode, ...] = ()


@dataclass(frozen=True)
class SeriesCard:
    """A series in a list."""

    title: str
    url: str
    description: str
    items: tuple[Link, ...]
