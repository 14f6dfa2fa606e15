"""How often articles are read: counted in the process, added up in the database every 5 seconds.

A reading lost with a killed process is no loss; a reading that waits for a lock would be.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import threading
from collections import Counter
from datetime import date

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.counters import insert_into
from portal.db import utcnow, write
from portal.library.models import Article, PageView

EVERY_SECONDS = 5
_MACHINES = re.compile(
    r"bot\b|bot/|spider|crawl|slurp|preview|monitor|headless|lighthouse|curl/|wget/|python|httpx|java/",
    re.IGNORECASE,
)
log = logging.getLogger(__name__)


def is_person(agent: str) -> bool:
    """False for robots and programs, as far as they say so."""
    return bool(agent) and not _MACHINES.search(agent)


class Readings:
    """The readings of one process that are not in the database yet."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._new: Counter[tuple[int, date]] = Counter()
        self._thread_of = 0

    def count(self, article_id: int, agent: str) -> None:
        """One more reading, if a person reads."""
        if not is_person(agent):
            return
        with self._lock:
            self._new[article_id, utcnow().date()] += 1
        if self._thread_of != os.getpid():
            self._start()

    def _start(self) -> None:
        # A server forks after the application is built: each process starts a thread of its own,
        # at its first reading. Tests call flush() themselves.
        with self._lock:
            if self._thread_of == os.getpid():
                return
            self._thread_of = os.getpid()
        if not self._app.testing:
            threading.Thread(target=self._run, name="readings", daemon=True).start()
            atexit.register(self.flush)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_SECONDS):
            self.flush()

    def flush(self) -> None:
        """Add what was counted to the database; what cannot be added now is kept for later."""
        with self._lock:
            new, self._new = self._new, Counter()
        if not new:
            return
        try:
            with self._app.app_context():
                self._store(new)
        except SQLAlchemyError as error:
            log.warning("readings not stored yet: %s", error)
            with self._lock:
                self._new.update(new)

    def _store(self, new: Counter[tuple[int, date]]) -> None:
        with write() as session:
            there = set(
                session.scalars(select(Article.id).where(Article.id.in_({a for a, _day in new})))
            )
            rows = [
                {"article_id": article_id, "day": day, "views": number}
                for (article_id, day), number in sorted(new.items())
                if article_id in there
            ]
            if rows:
                statement = insert_into(session, PageView).values(rows)
                session.execute(
                    statement.on_conflict_do_update(
                        index_elements=[PageView.article_id, PageView.day],
                        set_={"views": PageView.views + statement.excluded.views},
                    )
                )
