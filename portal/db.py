"""The database: one typed base, UTC timestamps, and the one way to write.

SQLite and PostgreSQL are both supported. On SQLite a transaction that starts as a reader and then
writes fails under load with "database is locked" however long the busy timeout, so every write
goes through `write()`, which begins IMMEDIATE. A flush outside it is a programming error and is
refused, on both databases.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Engine, Float, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 30_000

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database (SQLite would drop the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored; use an aware one in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every core table. Plugins have metadata of their own."""

    metadata = MetaData(naming_convention=NAMING)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UtcDateTime(),
            # SQLAlchemy 2.0 and 2.1 would choose differently.
            float: Float(),
            dict[str, Any]: JSON(),
            list[str]: JSON(),
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def utcnow() -> datetime:
    """Now, aware, in UTC; the one clock of the portal (tests replace it)."""
    return datetime.now(UTC)


def clock_from(now: datetime) -> Callable[[], datetime]:
    """A clock that reads `now` at first and goes on from there: for work that is told the time and
    takes long.
    """
    begun = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - begun)


def database_exists() -> bool:
    """False for an SQLite file that does not exist: connecting would create an empty one."""
    url = db.engine.url
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return True
    return Path(url.database).exists()


@contextmanager
def write() -> Iterator[Session]:
    """The one way to change the database: commits at the end, rolls back on any error.

    An inner ``with write()`` joins the outer one. A read transaction that is already open is ended
    first, because SQLite cannot turn it into a writer safely; objects loaded before stay usable
    and are refreshed from the database when next touched.
    """
    session = db.session()
    if session.info.get("writing"):
        yield session
        return
    session.rollback()
    session.info["writing"] = True
    try:
        session.connection(execution_options={"portal_write": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)


def install(engine: Engine) -> None:
    """Set up `engine`: pragmas and explicit BEGIN for SQLite; nothing for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver must not begin transactions on its own: _on_begin does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("portal_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@event.listens_for(Session, "before_flush")
def _refuse_stray_writes(session: Session, _context: object, _instances: object) -> None:
    if not session.info.get("writing") and not session.info.get("migrating"):
        changed = [*session.new, *session.dirty, *session.deleted]
        raise RuntimeError(f"database change outside write(): {changed!r}")
