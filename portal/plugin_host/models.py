"""What an administrator has decided about a plugin."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, utcnow


class PluginSetting(Base):
    """One plugin's switch and settings. They win over ``portal.toml``; no row: nothing decided.

    The table is not called ``plugin_…``: that prefix belongs to the plugins' own tables.
    """

    __tablename__ = "plugins"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    enabled: Mapped[bool | None]
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    updated_by: Mapped[str] = mapped_column(String(60), default="")
