"""The home page's cards: each rendered in a guard, against a budget of time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from kb.problems import N_, Problem
from portal.contributions import DashboardWidget, Viewer
from portal.i18n import translate
from portal.plugin_host.calls import Fault, attempt
from portal.plugin_host.states import Plugin

if TYPE_CHECKING:
    from portal.plugin_host.plugins import PluginHost

BUDGET_SECONDS = 0.3
"""What a widget may take. One that takes longer several times in a row rests for a while."""
SLOW_LIMIT = 3
REST_SECONDS = 60.0

EMPTY = Markup()

GONE = N_("这张卡片暂时用不了")
RESTS = N_("这张卡片反应太慢，先歇一分钟")


@dataclass(frozen=True)
class WidgetCard:
    """A widget as rendered for one reader. `title` and `error` are in his language."""

    plugin: str
    name: str
    title: str
    html: Markup = EMPTY
    error: str = ""
    slow: bool = False


@dataclass
class Pace:
    """How a widget has kept its budget lately, in this process."""

    slow_in_a_row: int = 0
    rests_until: float = 0.0


class Dashboard:
    """Renders the widgets of a host."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host
        self._paces: dict[tuple[str, str], Pace] = {}

    def cards(self, viewer: Viewer) -> tuple[WidgetCard, ...]:
        """The cards in order; a widget that has nothing to say is left out."""
        found = self._host.collected("portal_dashboard_widgets")
        cards = (
            self._card(one.plugin, one.item, viewer)
            for one in sorted(found, key=lambda one: one.item.order)
        )
        return tuple(card for card in cards if card.html or card.error)

    def _card(self, name: str, widget: DashboardWidget, viewer: Viewer) -> WidgetCard:
        plugin = self._host.plugin(name)
        assert plugin is not None and plugin.ctx is not None
        ctx, title = plugin.ctx, translate(widget.title)
        pace = self._paces.setdefault((name, widget.name), Pace())
        began = time.monotonic()
        if began < pace.rests_until:
            return WidgetCard(name, widget.name, title, error=translate(RESTS), slow=True)

        def rendered() -> Markup:
            html: object = widget.render(ctx, viewer)
            if html is not None and not isinstance(html, str):
                raise TypeError(f"render returned {type(html).__name__}, not Markup or str")
            # A plain str is escaped; only Markup passes as it is.
            return escape(html or "")

        html = attempt(rendered)
        slow = time.monotonic() - began > BUDGET_SECONDS
        self._keep_pace(plugin, widget, pace, slow)
        if isinstance(html, Fault):
            self._host.failed(plugin, f"widget {widget.name}", html)
            return WidgetCard(name, widget.name, title, error=translate(GONE), slow=slow)
        return WidgetCard(name, widget.name, title, html, slow=slow)

    def _keep_pace(self, plugin: Plugin, widget: DashboardWidget, pace: Pace, slow: bool) -> None:
        pace.slow_in_a_row = pace.slow_in_a_row + 1 if slow else 0
        if pace.slow_in_a_row < SLOW_LIMIT:
            return
        pace.slow_in_a_row = 0
        pace.rests_until = time.monotonic() + REST_SECONDS
        params = {"plugin": plugin.name, "name": widget.name, "budget": int(BUDGET_SECONDS * 1000)}
        problem = Problem(
            "JS-4001",
            N_("插件 %(plugin)s 的卡片 %(name)s 一再超过 %(budget)s 毫秒"),
            N_("请插件作者把慢的部分移出页面；卡片会隔一分钟再试"),
            params=params,
        )
        self._host.record(plugin, f"widget {widget.name}", problem)
