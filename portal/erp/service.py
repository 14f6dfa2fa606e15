"""Connectors: setting one up, checking that it can read, and showing what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from kb.problems import Problem
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.contributions import CheckResult, ConnectorKind, Entity
from portal.db import db, utcnow, write
from portal.erp.connections import (
    HOOK,
    close_breaker,
    config_of,
    connection_of,
    existing,
    kept_secrets,
    kind_named,
    set_up,
    timed_out,
)
from portal.erp.models import Connection, ConnectorReading
from portal.erp.results import pack, unpack, unpack_problem
from portal.plugin_host import host, vault
from portal.plugin_host.calls import Fault, Slow, explain
from portal.plugin_host.config import validate
from portal.plugin_host.context import PluginContext
from portal.plugin_host.forms import FormField, form_fields, read_form, read_secrets

CHECK_SECONDS = 20.0
"""A check that has not answered by then has failed."""

SHOWN_ROWS = 20


@dataclass(frozen=True)
class EntityPage:
    """An entity and what was last read of it."""

    entity: Entity
    rows: tuple[Mapping[str, str], ...]
    """The first `SHOWN_ROWS` of those that are kept."""
    kept: int
    total: int
    """Records that the last reading brought which brought any."""
    more: bool
    read_at: datetime | None
    problem: Problem | None


@dataclass(frozen=True)
class ConnectorPage:
    """A connector kind, how it is set up, and what the last check found."""

    kind: ConnectorKind
    plugin: str
    fields: tuple[FormField, ...]
    set_up: bool
    updated_at: datetime | None
    updated_by: str
    checked_at: datetime | None
    result: CheckResult | None
    readings: tuple[EntityPage, ...]
    read_problem: Problem | None
    """Why nothing at all could be read the last time."""
    rests_until: datetime | None
    """When it will be tried again after several failures in a row."""


def pages() -> tuple[ConnectorPage, ...]:
    """Every connector kind there is."""
    rows = {row.kind: row for row in db.session.scalars(select(Connection))}
    return tuple(_page(kind, rows.get(kind.name)) for kind in host().connectors())


def page(
    name: str, *, problems: tuple[Problem, ...] = (), typed: Mapping[str, str] | None = None
) -> ConnectorPage | None:
    """The page of the connector `name`; with a refused form, what was `typed` and its problems."""
    kind = kind_named(name)
    return _page(kind, connection_of(name), problems, typed) if kind else None


def save(actor: User, name: str, form: Mapping[str, str]) -> tuple[Problem, ...]:
    """Keep the settings typed into `form`; gives what is wrong with them (then nothing is kept).
    Secrets are kept encrypted; one left empty stays as it was.

    Raises ProblemError JS-4003 when there is no such connector.
    """
    kind = existing(name)
    values, problems = read_form(kind.config_model, form)
    if problems:
        return problems
    changes = read_secrets(kind.config_model, form)
    secrets = kept_secrets(connection_of(name), changes)
    config, problems = validate(kind.config_model, {**values, **secrets}, name, in_file=False)
    if config is None:
        return problems
    plain = config.model_dump(mode="json")
    with write() as session:
        row = connection_of(name)
        if row is None:
            row = Connection(kind=name, name=kind.title, config={})
            session.add(row)
            session.flush()
        kept = {key: plain[key] for key in values}
        if row.config != kept:
            # Another folder, another system: neither its records nor its cursors are these.
            session.execute(
                delete(ConnectorReading).where(ConnectorReading.connection_id == row.id)
            )
            row.config = kept
        row.secrets = {key: vault.locked(value) for key, value in secrets.items()}
        row.updated_at, row.updated_by = utcnow(), actor.name
        row.checked_at, row.check_result, row.read_problem = None, {}, {}
        close_breaker(row)
        accounts.audit(actor, "connector.configure", name, keys=sorted({*values, *changes}))
    return ()


def check(actor: User, name: str) -> CheckResult:
    """Run the connector's check, keep what it found and give it.

    Raises ProblemError JS-4003 when there is no such connector or it is not set up.
    """
    kind, row = existing(name), set_up(name)
    config, wrong = config_of(kind, row)
    result = CheckResult(problems=wrong) if config is None else _run(kind, config)
    with write():
        row.check_result, row.checked_at = pack(result), utcnow()
        if result.ok:
            close_breaker(row)
        accounts.audit(actor, "connector.check", name, ok=result.ok)
    return result


def _run(kind: ConnectorKind, config: Any) -> CheckResult:
    """The check in a thread, so that a connector that hangs costs only its time limit."""
    plugin = host().origin(HOOK, kind.name)
    assert plugin is not None
    where = f"connector {kind.name}"

    def work(ctx: PluginContext) -> CheckResult:
        result: object = kind.connector.check(ctx, config)
        if not isinstance(result, CheckResult):
            raise TypeError(f"check returned {type(result).__name__}, not CheckResult")
        return result

    result = host().call(plugin.name, where, work, CHECK_SECONDS)
    if not isinstance(result, Fault):
        return result
    if isinstance(result.error, Slow):
        return CheckResult(problems=(timed_out(kind, CHECK_SECONDS),))
    return CheckResult(problems=(explain(plugin.name, where, result),))


def _page(
    kind: ConnectorKind,
    row: Connection | None,
    problems: tuple[Problem, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> ConnectorPage:
    plugin = host().origin(HOOK, kind.name)
    return ConnectorPage(
        kind=kind,
        plugin=plugin.title if plugin else "",
        fields=form_fields(
            kind.config_model,
            row.config if row else {},
            problems,
            typed=typed,
            kept=frozenset(row.secrets if row else ()),
        ),
        set_up=row is not None,
        updated_at=row.updated_at if row else None,
        updated_by=row.updated_by if row else "",
        checked_at=row.checked_at if row else None,
        result=unpack(row.check_result) if row else None,
        readings=_readings(kind, row),
        read_problem=unpack_problem(row.read_problem) if row else None,
        rests_until=_rests_until(row),
    )


def _rests_until(row: Connection | None) -> datetime | None:
    until = row.open_until if row else None
    return until if until is not None and until > utcnow() else None


def _readings(kind: ConnectorKind, row: Connection | None) -> tuple[EntityPage, ...]:
    if row is None:
        return ()
    query = select(ConnectorReading).where(ConnectorReading.connection_id == row.id)
    known = {reading.entity: reading for reading in db.session.scalars(query)}
    return tuple(_entity_page(entity, known.get(entity.name)) for entity in kind.entities)


def _entity_page(entity: Entity, reading: ConnectorReading | None) -> EntityPage:
    if reading is None:
        return EntityPage(entity, (), 0, 0, False, None, None)
    return EntityPage(
        entity=entity,
        rows=tuple(reading.rows[:SHOWN_ROWS]),
        kept=len(reading.rows),
        total=reading.total,
        more=reading.more,
        read_at=reading.read_at,
        problem=unpack_problem(reading.problem),
    )
