"""How each connector is set up, what its last check found, and what was last read from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, utcnow


class Connection(Base):
    """A connector set up by an administrator. For now one of each kind."""

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Setting → its value, encrypted (`portal.plugin_host.vault`)."""
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_by: Mapped[str] = mapped_column(String(60), default="")
    checked_at: Mapped[datetime | None]
    check_result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """See `portal.erp.results`; empty when never checked or changed since."""
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """Readings in a row that failed."""
    open_until: Mapped[datetime | None]
    """The circuit breaker: until then the connector is not asked to read."""
    read_problem: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Why nothing at all could be read the last time; empty: it could."""


class ConnectorReading(Base):
    """What was last read of one entity. Rows and cursor always belong together."""

    __tablename__ = "connector_readings"
    __table_args__ = (UniqueConstraint("connection_id", "entity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    entity: Mapped[str] = mapped_column(String(60))
    cursor: Mapped[str] = mapped_column(Text, default="")
    """Where the connector goes on from."""
    rows: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    """The latest records, those that came last first; see `portal.erp.reading.KEPT_ROWS`."""
    total: Mapped[int] = mapped_column(default=0)
    """Records that the last reading brought which brought any."""
    more: Mapped[bool] = mapped_column(default=False)
    """The connector had more to give than one reading takes."""
    read_at: Mapped[datetime | None]
    """When reading last succeeded."""
    problem: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why it failed after that; empty: it did not."""
