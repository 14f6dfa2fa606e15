"""Alembic's environment: runs inside the application whose database is being changed.

It serves the portal and, one at a time, every plugin with tables of its own: see portal.migrate.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from portal.db import db
from portal.plugin_host.tables import PluginTables, prefix, version_table


def render_item(kind: str, obj: object, autogen_context: object) -> str | Literal[False]:
    """Write a type of our own as the plain column type it is in the database."""
    if kind == "type" and isinstance(obj, TypeDecorator):
        return f"sa.{obj.impl_instance!r}"
    return False


def scope(plugin: PluginTables | None) -> dict[str, Any]:
    """Whose tables this run is about: everybody else's stay out of sight."""
    if plugin is None:
        others = ("plugin_", "alembic_version_plugin_")
        return {
            "target_metadata": db.metadata,
            "include_name": lambda name, kind, _parents: (
                not (kind == "table" and str(name).startswith(others))
            ),
        }
    start = prefix(plugin.plugin)
    return {
        "target_metadata": plugin.metadata,
        "version_table": version_table(plugin.plugin),
        "include_name": lambda name, kind, _parents: kind != "table" or str(name).startswith(start),
        # The models know of the portal's tables what foreign keys need.
        "include_object": lambda _item, name, kind, _reflected, _other: (
            kind != "table" or str(name).startswith(start)
        ),
    }


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        **scope(context.config.attributes.get("plugin")),
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
