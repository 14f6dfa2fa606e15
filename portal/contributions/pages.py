"""What plugins add to pages: menu entries, cards, slots, pages of their own, report blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flask import Blueprint

from portal.contributions.content import check_url

if TYPE_CHECKING:
    from portal.plugin_host.context import PluginContext

Role = Literal["", "reader", "author", "reviewer", "pmso", "admin"]
"""The least role that may; empty: everybody, visitors too."""

PUBLIC = "public"
"""The permission that everybody has. It must be said aloud: without a permission a page is shut."""


@dataclass(frozen=True)
class NavigationItem:
    """An entry in the main menu; `role` is the least role that sees it (empty: everybody)."""

    name: str
    label: str
    url: str
    order: int = 100
    role: Role = ""

    def __post_init__(self) -> None:
        check_url(f"menu entry {self.name}", self.url)


@dataclass(frozen=True)
class Viewer:
    """Who is looking: what a widget may know of the reader. A visitor has no id and no role."""

    id: int | None = None
    name: str = ""
    display_name: str = ""
    role: str = ""


@dataclass(frozen=True)
class DashboardWidget:
    """A card on the home page.

    `render(ctx, viewer)` gives `Markup`; a plain `str` is escaped. Empty means "nothing today"
    and shows no card. It has 300 ms (setting
    `plugins_budget_ms`); a card that is not there by then says so.
    """

    name: str
    title: str
    render: Callable[[PluginContext, Viewer], str]
    order: int = 100


SLOTS: Mapping[str, str] = {
    # Slot → what `render` is given as `subject`.
    "article.top": "ArticleView",
    "article.end": "ArticleView",
    "project.top": "ProjectView",
    "project.end": "ProjectView",
    "template.end": "ProjectTemplate",
    "search.end": "str",
    "home.end": "None",
    "foot": "None",
}
"""Places in the portal's own pages where plugins may put something."""


@dataclass(frozen=True)
class TemplateSlot:
    """Something at a documented place (`SLOTS`) of the portal's own pages.

    `render(ctx, viewer, subject)` gives `Markup`; a plain `str` is escaped; empty shows nothing.
    Pages are shared by all readers who see the same, so `viewer` has a role but no name and no id.
    """

    name: str
    slot: str
    render: Callable[[PluginContext, Viewer, Any], str]
    order: int = 100


@dataclass(frozen=True)
class Permission:
    """Something not everybody may do in this plugin, with the least role that may.

    An administrator can choose another role on the plugin's page. `role` must not be empty.
    """

    name: str
    title: str
    role: Role = "admin"


@dataclass(frozen=True)
class PluginBlueprint:
    """Pages of the plugin's own at ``/x/PLUGIN/``.

    `permission` is the name of one of the plugin's own `Permission`s, or `PUBLIC`. It is asked
    before any view runs; `ctx.may` asks for others inside a view.
    """

    blueprint: Blueprint
    permission: str

    @property
    def name(self) -> str:
        """The blueprint's name."""
        return self.blueprint.name


@dataclass(frozen=True)
class ReportTable:
    """Figures in rows. `columns` and `note` are source strings; `note` says how they are made."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class ReportBlock:
    """A table on the page of figures (``/reports``), shown to `role` and above.

    `build(ctx, viewer)` gives a `ReportTable`: data, not HTML.
    """

    name: str
    title: str
    build: Callable[[PluginContext, Viewer], ReportTable]
    role: Role = "pmso"
    order: int = 100
