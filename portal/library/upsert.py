"""Insert-or-update in one statement, on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_into(session: Session, table: Any) -> Any:
    """An INSERT that knows ``on_conflict_do_update`` for the database in use."""
    table = table if isinstance(table, Table) else table.__table__
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
