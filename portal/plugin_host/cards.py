"""What plugins put into a page while somebody waits for it: cards on the home page, slots.

All of a page's pieces are made one after another in one thread, so that a page pays for one
hand-over and one database connection. The reader waits for each plugin no longer than its budget;
a piece that is not there by then is given up, its plugin rests for a minute, and the rest of the
pieces are made in another thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, has_request_context, request
from markupsafe import Markup

from kb.problems import N_
from portal.contributions import DashboardWidget, TemplateSlot, Viewer
from portal.i18n import translate
from portal.plugin_host.batch import Batch, Piece, Rests
from portal.plugin_host.calls import Fault, Slow
from portal.plugin_host.pool import STUCK

if TYPE_CHECKING:
    from portal.plugin_host.plugins import PluginHost

REST_SECONDS = 60.0
INCOMPLETE = "portal.incomplete"
"""Key in the WSGI environment of a request whose page lacks a plugin's part: not to be kept."""

GONE = N_("这张卡片暂时用不了")
LATE = N_("这张卡片 %(budget)s 毫秒内没有给出内容，没有等它；一分钟后再试")
RESTS = N_("这张卡片反应太慢，先歇一分钟")

EMPTY = Markup()


@dataclass(frozen=True)
class WidgetCard:
    """A widget as rendered for one reader. `title` and `error` are in his language."""

    plugin: str
    name: str
    title: str
    html: Markup = EMPTY
    error: str = ""


class Cards:
    """Makes the pieces of a host's plugins."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host
        self._rests_until: dict[str, float] = {}

    def widgets(self, viewer: Viewer) -> tuple[WidgetCard, ...]:
        """The home page's cards in order; a widget that has nothing to say is left out."""
        found = sorted(
            self._host.collected("portal_dashboard_widgets"), key=lambda one: one.item.order
        )
        pieces = [self._widget(one.plugin, one.item, viewer) for one in found]
        cards = []
        for one, result in zip(found, self.made(pieces), strict=True):
            title = translate(one.item.title)
            if isinstance(result, Fault):
                card = WidgetCard(one.plugin, one.item.name, title, error=self._said(result))
            else:
                card = WidgetCard(one.plugin, one.item.name, title, result)
            if card.html or card.error:
                cards.append(card)
        return tuple(cards)

    def slot(self, slot: str, viewer: Viewer, subject: object) -> Markup:
        """What plugins put into this slot, in order. What fails leaves a line that says so."""
        found = [
            one for one in self._host.collected("portal_template_slots") if one.item.slot == slot
        ]
        if not found:
            return EMPTY
        found.sort(key=lambda one: one.item.order)
        # Pages are shared by readers of a role.
        seen = Viewer(role=viewer.role)
        pieces = [self._slot(one.plugin, one.item, seen, subject) for one in found]
        made: list[str] = []
        for one, result in zip(found, self.made(pieces), strict=True):
            if isinstance(result, Fault):
                made.append(_gone(self._title(one.plugin), self._said(result)))
            elif result:
                # Put together as text: Markup.format takes longer than many a piece.
                made.append(f'<div class="slot">{result}</div>')
        return Markup("\n".join(made))  # noqa: S704 - each is HTML already

    def left(self, plugin: str) -> float:
        """Seconds that this reader may still wait for the plugin in this page."""
        spent: dict[str, float] = g.get("plugin_seconds", {}) if has_request_context() else {}
        return max(0.0, self._host.settings.plugins_budget - spent.get(plugin, 0.0))

    def made(self, pieces: list[Piece]) -> list[Markup | Fault]:
        """Each piece as HTML, or why it is not there. Faults are recorded."""
        if not pieces:
            return []
        results = Batch(self, self._host, pieces).run()
        for piece, result in zip(pieces, results, strict=True):
            if isinstance(result, Fault):
                self._note(piece, result)
        return results

    def rests(self, plugin: str) -> bool:
        """Was the plugin too slow a moment ago?"""
        resting = time.monotonic() < self._rests_until.get(plugin, 0.0)
        return resting or self._host.pool.stuck(plugin) >= STUCK

    def _note(self, piece: Piece, fault: Fault) -> None:
        if has_request_context():
            request.environ[INCOMPLETE] = True
        if isinstance(fault.error, Rests):
            return
        if isinstance(fault.error, Slow):
            self._rests_until[piece.plugin] = time.monotonic() + REST_SECONDS
        plugin = self._host.plugin(piece.plugin)
        if plugin is not None:
            self._host.failed(plugin, piece.where, fault)

    def _said(self, fault: Fault) -> str:
        if isinstance(fault.error, Rests):
            return translate(RESTS)
        if isinstance(fault.error, Slow):
            return translate(LATE, budget=self._host.settings.plugins_budget_ms)
        return translate(GONE)

    def _title(self, name: str) -> str:
        plugin = self._host.plugin(name)
        return translate(plugin.title) if plugin else name

    def _widget(self, name: str, widget: DashboardWidget, viewer: Viewer) -> Piece:
        ctx = self._context(name)
        return Piece(name, f"widget {widget.name}", lambda: widget.render(ctx, viewer))

    def _slot(self, name: str, slot: TemplateSlot, viewer: Viewer, subject: object) -> Piece:
        ctx = self._context(name)
        where = f"slot {slot.slot} {slot.name}"
        return Piece(name, where, lambda: slot.render(ctx, viewer, subject))

    def _context(self, name: str) -> Any:
        plugin = self._host.plugin(name)
        return plugin.ctx if plugin else None


def _gone(title: str, said: str) -> Markup:
    return Markup('<p class="slot slot-gone">{}{}{}</p>').format(title, translate(N_("：")), said)
