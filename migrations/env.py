"""Alembic's environment: runs inside the application whose database is being changed."""

from __future__ import annotations

from alembic import context
from flask import Flask
from sqlalchemy import Connection

from portal.db import UtcDateTime, db


def render_item(kind: str, obj: object, autogen_context: object) -> str | bool:
    """Write our datetime type as the plain column type it is in the database."""
    if kind == "type" and isinstance(obj, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        # Plugins keep their own tables and their own version tables.
        include_name=lambda name, type_, _parents: (
            not (type_ == "table" and str(name).startswith(("plugin_", "alembic_version_plugin_")))
        ),
    )
    with context.begin_transaction():
        context.run_migrations()


app: Flask = context.config.attributes["app"]
with app.app_context(), db.engine.connect().execution_options(portal_write=True) as connection:
    if connection.dialect.name == "sqlite":
        # Batch mode rebuilds tables; with foreign keys on, dropping the old one would cascade.
        # The pragma only works outside a transaction.
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
    try:
        run(connection)
        connection.commit()
    finally:
        if connection.dialect.name == "sqlite":
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = ON")
