"""Reading from a connector: page by page, into a table of the latest records.

What fails leaves the last good records as they were. A connector that fails several times in a row
is left alone for a while (the circuit breaker); then one reading tries whether it answers again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from kb.problems import N_, Problem, ProblemError
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.contributions import ConnectorKind, Entity, Pulled
from portal.db import db, utcnow, write
from portal.erp import connections
from portal.erp.models import Connection, ConnectorReading
from portal.erp.results import pack_problem
from portal.plugin_host import host
from portal.plugin_host.calls import Fault, Slow, explain
from portal.plugin_host.context import PluginContext

PULL_SECONDS = 60.0
"""One answer may take as long; after that time no further page of the same entity is asked for."""
MAX_PAGES = 100
"""Pages of one entity in one reading; the next reading goes on from there."""
KEPT_ROWS = 500
MAX_FAILURES = 3
"""Failed readings in a row that open the breaker."""
REST = timedelta(minutes=5)
"""How long it stays open."""


@dataclass(frozen=True)
class Outcome:
    """What came of a reading. `rows`: entity → records that came."""

    rows: Mapping[str, int]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Source:
    """Whom to ask, copied from the database: nothing there is held while a plugin works."""

    kind: ConnectorKind
    plugin: str
    config: Any
    connection_id: int
    updated_at: datetime
    cursors: Mapping[str, str]

    @property
    def where(self) -> str:
        """What the plugin is doing, for its list of failures."""
        return f"connector {self.kind.name}"

    def problem(self, fault: Fault) -> Problem:
        """What went wrong, in words."""
        if isinstance(fault.error, Slow):
            return connections.timed_out(self.kind, PULL_SECONDS)
        return explain(self.plugin, self.where, fault)


def read(actor: User, name: str) -> Outcome:
    """Read everything the connector offers, and keep what came.

    Raises ProblemError JS-4003 when there is no such connector, it is not set up, it rests after
    failures, or its settings were changed meanwhile; JS-4002 when its settings no longer fit.
    """
    source = _source(name)
    _pass_breaker(source)
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    broken = False
    entities = host().call(
        source.plugin,
        source.where,
        lambda ctx: _offered(source.kind, source.kind.connector.discover(ctx, source.config)),
        PULL_SECONDS,
    )
    if isinstance(entities, Fault):
        problems.append(source.problem(entities))
        _settle(source, actor, Outcome(counts, tuple(problems)), failed=True, whole=problems[0])
        return Outcome(counts, tuple(problems))
    for entity in entities:
        pulled = _pull(source, entity)
        if not isinstance(pulled, Fault):
            counts[entity.name] = _keep(source, entity, pulled)
            continue
        problems.append(source.problem(pulled))
        _keep_problem(source, entity, problems[-1])
        broken = broken or not isinstance(pulled.error, ProblemError)
        if isinstance(pulled.error, Slow):
            break  # the rest would be waited for as long
    outcome = Outcome(counts, tuple(problems))
    # A system that refuses one entity and gives the others is at work.
    _settle(source, actor, outcome, failed=broken or (bool(problems) and not counts))
    return outcome


def _source(name: str) -> _Source:
    kind, row = connections.existing(name), connections.set_up(name)
    config, wrong = connections.config_of(kind, row)
    if config is None:
        raise ProblemError(wrong[0])
    plugin = host().origin(connections.HOOK, name)
    assert plugin is not None
    query = select(ConnectorReading).where(ConnectorReading.connection_id == row.id)
    cursors = {reading.entity: reading.cursor for reading in db.session.scalars(query)}
    return _Source(kind, plugin.name, config, row.id, row.updated_at, cursors)


def _pass_breaker(source: _Source) -> None:
    """Raises ProblemError JS-4003 while the breaker is open. Half open, one reading gets through:
    it holds the breaker against the others until its own end is known.
    """
    now = utcnow()
    with write() as session:
        row = session.get_one(Connection, source.connection_id)
        if row.open_until is None:
            return
        waiting = row.open_until > now
        if not waiting:
            mine = (Connection.id == row.id) & (Connection.open_until == row.open_until)
            taken = session.execute(update(Connection).where(mine).values(open_until=now + REST))
            waiting = not taken.rowcount  # type: ignore[attr-defined]
    if waiting:
        raise ProblemError(
            Problem(
                "JS-4003",
                N_("%(name)s 连续 %(count)s 次没有读成，暂时不去读它"),
                N_("页面上写着什么时候再试；已经修好的话，点「检查」，通过了就能马上再读"),
                params={"name": source.kind.title, "count": MAX_FAILURES},
            )
        )


def _offered(kind: ConnectorKind, given: object) -> tuple[Entity, ...]:
    """Raises TypeError for what is not a tuple of the kind's own entities."""
    if not isinstance(given, tuple | list) or not all(isinstance(one, Entity) for one in given):
        raise TypeError("discover returned something else than a tuple of Entity")
    declared = {entity.name: entity for entity in kind.entities}
    unknown = [one.name for one in given if one.name not in declared]
    if unknown:
        raise TypeError(f"discover offered {unknown[0]!r}, which the connector has not declared")
    return tuple(declared[name] for name in dict.fromkeys(one.name for one in given))


def _pull(source: _Source, entity: Entity) -> Pulled | Fault:
    """Every page that is to be had now, as one; the last word of a record counts."""
    began = time.monotonic()
    cursor, more = source.cursors.get(entity.name, ""), True
    rows: dict[str, Mapping[str, str]] = {}
    for page in range(MAX_PAGES):

        def work(ctx: PluginContext, cursor: str = cursor) -> Pulled:
            given = source.kind.connector.pull(ctx, source.config, entity.name, cursor)
            return _checked(entity, given, cursor)

        pulled = host().call(source.plugin, source.where, work, PULL_SECONDS)
        if isinstance(pulled, Fault):
            return pulled
        for number, row in enumerate(pulled.rows):
            key = row[entity.key] if entity.key else f"{page} {number}"
            rows.pop(key, None)  # what comes again comes last
            rows[key] = row
        cursor, more = pulled.cursor, pulled.more
        if not more or time.monotonic() - began > PULL_SECONDS:
            break
    return Pulled(tuple(rows.values()), cursor, more)


def _checked(entity: Entity, pulled: object, cursor: str) -> Pulled:
    """A page with plain rows of declared columns. Raises TypeError or ValueError."""
    if not isinstance(pulled, Pulled):
        raise TypeError(f"pull returned {type(pulled).__name__}, not Pulled")
    if not isinstance(pulled.rows, tuple | list):
        raise TypeError(f"Pulled.rows is {type(pulled.rows).__name__}, not a tuple")
    if not isinstance(pulled.cursor, str) or not isinstance(pulled.more, bool):
        raise TypeError("Pulled.cursor must be a str and Pulled.more a bool")
    if pulled.more and pulled.cursor == cursor:
        raise ValueError("pull says that there is more, but its cursor has not moved")
    if "\x00" in pulled.cursor:
        raise ValueError("Pulled.cursor holds a null character")
    rows = tuple(_row(entity, row) for row in pulled.rows)
    return Pulled(rows, pulled.cursor, pulled.more)


def _row(entity: Entity, row: object) -> dict[str, str]:
    if not isinstance(row, Mapping):
        raise TypeError(f"a row is {type(row).__name__}, not a mapping")
    for name, value in row.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"{name!r} is {type(value).__name__}; rows map str to str")
        value.encode("utf-8")  # half a character cannot be shown
    if entity.key and not row.get(entity.key):
        raise ValueError(f"a row of {entity.name} has no {entity.key}")
    return {name: str(row[name]) for name in entity.columns if name in row}


def _keep(source: _Source, entity: Entity, pulled: Pulled) -> int:
    """Rows and cursor together; gives how many came."""
    with write():
        reading = _reading(source, entity)
        fresh = [dict(row) for row in pulled.rows[-KEPT_ROWS:]]
        again = {row.get(entity.key) for row in pulled.rows} if entity.key else set()
        old = [row for row in reading.rows if row.get(entity.key) not in again]
        reading.rows = [*fresh, *old][:KEPT_ROWS]
        reading.cursor, reading.more = pulled.cursor, pulled.more
        reading.total = len(pulled.rows) or reading.total
        reading.read_at, reading.problem = utcnow(), {}
    return len(pulled.rows)


def _keep_problem(source: _Source, entity: Entity, problem: Problem) -> None:
    """The rows stay; beside them stands why there are no newer ones."""
    with write():
        _reading(source, entity).problem = pack_problem(problem)


def _reading(source: _Source, entity: Entity) -> ConnectorReading:
    _connection(source)
    mine = ConnectorReading.connection_id == source.connection_id
    query = select(ConnectorReading).where(mine, ConnectorReading.entity == entity.name)
    reading = db.session.scalar(query)
    if reading is None:
        reading = ConnectorReading(
            connection_id=source.connection_id, entity=entity.name, rows=[], total=0
        )
        db.session.add(reading)
    return reading


def _connection(source: _Source) -> Connection:
    """Raises ProblemError when it is no longer the one whose answer has come."""
    row = db.session.get(Connection, source.connection_id)
    if row is None or row.updated_at != source.updated_at:
        message = N_("读取的时候有人改了设置，读到的没有留下")
        raise ProblemError(Problem("JS-4003", message, N_("再读一次")))
    return row


def _settle(
    source: _Source, actor: User, outcome: Outcome, *, failed: bool, whole: Problem | None = None
) -> None:
    """Count the reading, open or close the breaker, leave a trace."""
    with write():
        row = _connection(source)
        row.read_problem = pack_problem(whole) if whole is not None else {}
        if failed:
            row.failures += 1
            row.open_until = utcnow() + REST if row.failures >= MAX_FAILURES else None
        else:
            connections.close_breaker(row)
        accounts.audit(
            actor,
            "connector.read",
            source.kind.name,
            ok=not outcome.problems,
            rows=dict(outcome.rows),
        )
