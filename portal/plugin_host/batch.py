"""Pieces of a page made one after another in one thread, watched by whoever waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, current_app, g, has_request_context
from markupsafe import Markup, escape

from portal.db import db
from portal.i18n import locale
from portal.plugin_host import owners
from portal.plugin_host.calls import Fault, Slow, attempt_anything

if TYPE_CHECKING:
    from portal.plugin_host.cards import Cards
    from portal.plugin_host.plugins import PluginHost
    from portal.plugin_host.pool import Job


LONGEST = 200_000
"""Characters of one piece."""


class Rests(TimeoutError):
    """The plugin was too slow a moment ago and is not asked now."""


@dataclass(frozen=True)
class Piece:
    """Something to be made: whose it is, what to call it, and how."""

    plugin: str
    where: str
    make: Callable[[], object]


class Batch:
    """One run over some pieces (at least one)."""

    def __init__(self, cards: Cards, host: PluginHost, pieces: list[Piece]) -> None:
        self._cards = cards
        self._host = host
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._locale = locale()
        self._pieces = pieces
        self._results: list[Markup | Fault | None] = [None] * len(pieces)
        self._budget = host.settings.plugins_budget
        self._left = {piece.plugin: cards.left(piece.plugin) for piece in pieces}
        """Plugin → seconds it may still take."""
        self._lock = threading.Lock()
        self._turn = 0
        """Which thread is at it; one that was given up sees that it is no longer its turn."""
        self._current = 0
        self._began = 0.0

    def run(self) -> list[Markup | Fault]:
        """What became of each piece, in order."""
        job: Job[None] | None = self._start(0)
        while job is not None and not job.done.acquire(timeout=self._wait()):
            job = self._look(job)
        if has_request_context():
            spent: dict[str, float] = g.setdefault("plugin_seconds", {})
            spent |= {plugin: self._budget - left for plugin, left in self._left.items()}
        return [Fault(Rests(), "") if one is None else one for one in self._results]

    def _wait(self) -> float:
        """Seconds until the piece that is being made is over its budget."""
        with self._lock:
            until = self._began + self._left[self._pieces[self._current].plugin]
        return max(until - time.monotonic(), 0.001)

    def _look(self, job: Job[None]) -> Job[None] | None:
        """Is the piece that is being made over its budget? Then go on without it."""
        with self._lock:
            index = self._current
            plugin = self._pieces[index].plugin
            if time.monotonic() - self._began < self._left[plugin]:
                return job
            self._turn += 1
            self._results[index] = Fault(Slow(self._budget), "")
            self._left[plugin] = 0.0
            job.plugin = plugin
        self._host.pool.abandon(job)
        return self._start(index + 1) if index + 1 < len(self._pieces) else None

    def _start(self, index: int) -> Job[None]:
        with self._lock:
            self._current, self._began = index, time.monotonic()
            turn = self._turn
        return self._host.pool.start("", lambda: self._work(turn, index))

    def _work(self, turn: int, start: int) -> None:
        with self._app.app_context():
            g.portal_locale = self._locale
            for index in range(start, len(self._pieces)):
                piece = self._pieces[index]
                with self._lock:
                    if self._turn != turn:
                        return
                    self._current, self._began = index, time.monotonic()
                    began = self._began
                    left = self._left[piece.plugin]
                result = self._one(piece, left)
                with self._lock:
                    if self._turn != turn:
                        return
                    self._results[index] = result
                    self._left[piece.plugin] = left - (time.monotonic() - began)

    def _one(self, piece: Piece, left: float) -> Markup | Fault:
        if left <= 0 or self._cards.rests(piece.plugin):
            return Fault(Rests(), "")
        began = time.perf_counter()
        with owners.running(piece.plugin):
            result = attempt_anything(lambda: _html(piece.make()))
        failed = isinstance(result, Fault)
        self._host.counted(piece.plugin, piece.where, began, failed)
        if failed:
            # PostgreSQL refuses everything after a failed statement until it is rolled back.
            db.session.rollback()
        return result


def _html(made: object) -> Markup:
    """A plain str is escaped; only Markup passes as it is."""
    if made is not None and not isinstance(made, str):
        raise TypeError(f"render returned {type(made).__name__}, not Markup or str")
    if made is not None and len(made) > LONGEST:
        raise ValueError(f"render returned {len(made)} characters, more than {LONGEST}")
    return escape(made or "")
