"""Taking away a table that plugins' foreign keys may point at (portal.plugin_host.tables)."""

from __future__ import annotations

from alembic import op


def drop_offered_table(name: str) -> None:
    """Drop it; on PostgreSQL together with the foreign keys of plugins, whose tables stay."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'DROP TABLE "{name}" CASCADE')
    else:
        op.drop_table(name)
