"""Numbers that every process can see grow: by them each knows that what it keeps is old."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Base

PAGES = "library"
"""Grows with every change that readers may notice."""
PLUGINS = "plugins"
"""Grows when an administrator switches or configures a plugin."""


class Counter(Base):
    """A named number."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


def insert_into(session: Session, table: Any) -> Any:
    """An INSERT that knows ``on_conflict_do_update``, for the database in use."""
    table = table if isinstance(table, Table) else table.__table__
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def bump(session: Session, name: str) -> None:
    """Make the number grow, in the caller's transaction. Call inside ``write()``."""
    statement = insert_into(session, Counter).values(name=name, value=1)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Counter.name], set_={"value": Counter.value + 1}
        )
    )


def read(engine: Engine, name: str) -> int:
    """The number; 0 when it has never grown.

    One statement on a pooled connection, below the ORM, because every request asks. Raises
    OperationalError when the database cannot be read.
    """
    mark = "%s" if engine.dialect.name == "postgresql" else "?"
    query = f"SELECT value FROM counters WHERE name = {mark}"  # noqa: S608 - two constants
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        try:
            cursor.execute(query, (name,))
            row = cursor.fetchone()
        except engine.dialect.loaded_dbapi.Error as error:
            raise OperationalError(query, None, error) from error
        finally:
            cursor.close()
    finally:
        connection.close()
    return int(row[0]) if row else 0
