"""How each connector is set up, and what its last check found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, utcnow


class Connection(Base):
    """A connector set up by an administrator. For now one of each kind."""

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_by: Mapped[str] = mapped_column(String(60), default="")
    checked_at: Mapped[datetime | None]
    check_result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """See `portal.erp.results`; empty when never checked or changed since."""
