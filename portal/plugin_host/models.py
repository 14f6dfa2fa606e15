"""What an administrator has decided about a plugin, and how plugins have done so far."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, Text
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
    secrets: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Setting → its value, encrypted (`portal.plugin_host.vault`)."""
    roles: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Permission → the least role that has it, where an administrator has chosen another."""
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    updated_by: Mapped[str] = mapped_column(String(60), default="")


class HookCall(Base):
    """How often a plugin's code was called on a day, in all processes, and how long it took."""

    __tablename__ = "hook_calls"

    plugin: Mapped[str] = mapped_column(String(60), primary_key=True)
    hook: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    milliseconds: Mapped[float] = mapped_column(default=0.0)
    slowest: Mapped[float] = mapped_column(default=0.0)
    """Milliseconds of the slowest call."""


class HookFailure(Base):
    """A failure of a plugin; the same one again only counts."""

    __tablename__ = "hook_failures"

    plugin: Mapped[str] = mapped_column(String(60), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Of where and what: what makes two failures the same."""
    where: Mapped[str] = mapped_column(String(200))
    problem: Mapped[dict[str, Any]] = mapped_column(default=dict)
    traceback: Mapped[str] = mapped_column(Text, default="")
    count: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_at: Mapped[datetime] = mapped_column(default=utcnow)
