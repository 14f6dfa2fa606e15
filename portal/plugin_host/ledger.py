"""The plugins' record: calls and time per hook, failures with traceback — of all processes.

Counted in the process, added up in the database every few seconds: a page never waits for it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Select, case, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.problems import Problem
from portal.counters import insert_into
from portal.db import database_exists, db, utcnow, write
from portal.flushing import Flusher
from portal.plugin_host import owners
from portal.plugin_host.models import HookCall, HookFailure
from portal.plugin_host.states import Failure

KEPT_DAYS = 30


@dataclass
class Tally:
    """Calls of one hook of one plugin. Times in milliseconds."""

    calls: int = 0
    faults: int = 0
    milliseconds: float = 0.0
    slowest: float = 0.0

    @property
    def average(self) -> float:
        """Milliseconds of a call."""
        return self.milliseconds / self.calls if self.calls else 0.0

    def add(self, other: Tally) -> None:
        """Add the calls of `other`."""
        self.calls += other.calls
        self.faults += other.faults
        self.milliseconds += other.milliseconds
        self.slowest = max(self.slowest, other.slowest)


@dataclass
class _New:
    """What is not in the database yet."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)


class Ledger:
    """The record of one process, and the door to that of all."""

    def __init__(self, app: Flask) -> None:
        self._lock = threading.Lock()
        self._new = _New()
        self._flusher = Flusher(app, "plugin calls", self._store_all)
        self.flush = self._flusher.flush
        self.stop = self._flusher.stop

    def called(self, plugin: str, hook: str, seconds: float, failed: bool) -> None:
        """One more call."""
        milliseconds = seconds * 1000
        with self._lock:
            tally = self._new.tallies.get((plugin, hook))
            if tally is None:
                tally = self._new.tallies[plugin, hook] = Tally()
            tally.calls += 1
            tally.faults += failed
            tally.milliseconds += milliseconds
            if milliseconds > tally.slowest:
                tally.slowest = milliseconds
        self._wake()

    def failed(self, plugin: str, failure: Failure) -> None:
        """One more failure."""
        digest = hashlib.sha256(f"{failure.where}\0{failure.problem}".encode()).hexdigest()[:32]
        with self._lock:
            known = self._new.failures.get((plugin, digest))
            if known is None:
                self._new.failures[plugin, digest] = failure
            else:
                known.count += failure.count
                known.at = failure.at
        self._wake()

    def _wake(self) -> None:
        if not self._flusher.awake:
            # Often called from a plugin's code, whose thread this is not.
            with owners.ours():
                self._flusher.wake()

    def tallies(self, days: int = KEPT_DAYS) -> dict[tuple[str, str], Tally]:
        """(plugin, hook) → its calls of the last `days` days in all processes."""
        self.flush()
        query = (
            select(
                HookCall.plugin,
                HookCall.hook,
                func.sum(HookCall.calls),
                func.sum(HookCall.faults),
                func.sum(HookCall.milliseconds),
                func.max(HookCall.slowest),
            )
            .where(HookCall.day > utcnow().date() - timedelta(days=days))
            .group_by(HookCall.plugin, HookCall.hook)
        )
        return {
            (plugin, hook): Tally(int(calls), int(faults), float(total), float(slowest))
            for plugin, hook, calls, faults, total, slowest in _read(query)  # type: ignore[arg-type]
        }

    def failures(self, plugin: str) -> list[Failure]:
        """The plugin's failures in all processes, the latest first."""
        self.flush()
        query = (
            select(HookFailure.__table__)
            .where(HookFailure.plugin == plugin)
            .order_by(HookFailure.last_at.desc())
        )
        return [
            Failure(row.where, Problem(**row.problem), row.traceback, row.last_at, row.count)
            for row in _read(query)
        ]

    def forget(self, session: Session, plugin: str) -> None:
        """Clear the plugin's failures. Call inside ``write()``."""
        with self._lock:
            self._new.failures = {
                key: failure for key, failure in self._new.failures.items() if key[0] != plugin
            }
        session.execute(delete(HookFailure).where(HookFailure.plugin == plugin))

    def _store_all(self) -> None:
        with self._lock:
            new, self._new = self._new, _New()
        if not (new.tallies or new.failures) or not database_exists():
            return
        try:
            with write() as session:
                _store_tallies(session, new.tallies, utcnow().date())
                for (plugin, digest), failure in new.failures.items():
                    _store_failure(session, plugin, digest, failure)
        except SQLAlchemyError:
            self._take_back(new)
            raise

    def _take_back(self, new: _New) -> None:
        with self._lock:
            for tally_key, tally in new.tallies.items():
                self._new.tallies.setdefault(tally_key, Tally()).add(tally)
            for key, failure in new.failures.items():
                known = self._new.failures.setdefault(key, failure)
                if known is not failure:
                    known.count += failure.count


def _read(query: Select[Any]) -> Sequence[Any]:
    # On a connection of its own: the request's transaction began before the flush and, on SQLite,
    # does not see what it has stored.
    with db.engine.connect() as connection:
        return connection.execute(query).all()


def _store_tallies(session: Session, tallies: Mapping[tuple[str, str], Tally], today: date) -> None:
    for (plugin, hook), tally in sorted(tallies.items()):
        statement = insert_into(session, HookCall).values(
            plugin=plugin,
            hook=hook[:80],
            day=today,
            calls=tally.calls,
            faults=tally.faults,
            milliseconds=tally.milliseconds,
            slowest=tally.slowest,
        )
        new = statement.excluded
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[HookCall.plugin, HookCall.hook, HookCall.day],
                set_={
                    "calls": HookCall.calls + new.calls,
                    "faults": HookCall.faults + new.faults,
                    "milliseconds": HookCall.milliseconds + new.milliseconds,
                    "slowest": case(
                        (HookCall.slowest > new.slowest, HookCall.slowest), else_=new.slowest
                    ),
                },
            )
        )
    session.execute(delete(HookCall).where(HookCall.day <= today - timedelta(days=KEPT_DAYS)))


def _store_failure(session: Session, plugin: str, digest: str, failure: Failure) -> None:
    statement = insert_into(session, HookFailure).values(
        plugin=plugin,
        digest=digest,
        where=failure.where[:200],
        problem=packed(failure.problem),
        traceback=failure.traceback,
        count=failure.count,
        first_at=failure.at,
        last_at=failure.at,
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[HookFailure.plugin, HookFailure.digest],
            set_={
                "count": HookFailure.count + statement.excluded.count,
                "last_at": statement.excluded.last_at,
                "traceback": statement.excluded.traceback,
            },
        )
    )


def packed(problem: Problem) -> dict[str, Any]:
    """A problem as plain JSON values."""
    return {
        "code": problem.code,
        "message": problem.message,
        "remedy": problem.remedy,
        "where": problem.where,
        "severity": problem.severity,
        "params": {
            key: value if isinstance(value, int | float) else str(value)
            for key, value in problem.params.items()
        },
    }
