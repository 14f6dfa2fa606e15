"""How often articles are read: counted in the process, added up in the database every 5 seconds.

A reading lost with a killed process is no loss; a reading that waits for a lock would be.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from datetime import date

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.counters import insert_into
from portal.db import utcnow, write
from portal.flushing import Flusher
from portal.library.models import Article, PageView

_MACHINES = re.compile(
    r"bot\b|bot/|spider|crawl|slurp|preview|monitor|headless|lighthouse|curl/|wget/|python|httpx|java/",
    re.IGNORECASE,
)


def is_person(agent: str) -> bool:
    """False for robots and programs, as far as they say so."""
    return bool(agent) and not _MACHINES.search(agent)


class Readings:
    """The readings of one process that are not in the database yet."""

    def __init__(self, app: Flask) -> None:
        self._lock = threading.Lock()
        self._new: Counter[tuple[int, date]] = Counter()
        self._flusher = Flusher(app, "readings", self._store_all)
        self.flush = self._flusher.flush

    def count(self, article_id: int, agent: str) -> None:
        """One more reading, if a person reads."""
        if not is_person(agent):
            return
        with self._lock:
            self._new[article_id, utcnow().date()] += 1
        self._flusher.wake()

    def _store_all(self) -> None:
        with self._lock:
            new, self._new = self._new, Counter()
        if not new:
            return
        try:
            self._store(new)
        except SQLAlchemyError:
            with self._lock:
                self._new.update(new)
            raise

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
