"""What administrators decided, in the database, and the number that tells other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import counters
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.db import db, write
from portal.plugin_host.models import PluginSetting


@dataclass(frozen=True)
class Stored:
    """The decisions about one plugin; `enabled` None: none."""

    enabled: bool | None
    config: Mapping[str, Any]


def generation() -> int | None:
    """The number that grows with every change; None when the database cannot say.

    Every request asks, so this is one statement below the ORM, on a connection of its own.
    """
    if not _there():
        return None
    try:
        return counters.read(db.engine, counters.PLUGINS)
    except SQLAlchemyError:
        return None


def decisions() -> dict[str, Stored]:
    """Every stored decision by plugin; none when the database cannot say.

    Without a database plugins load as the files say: ``portal plugins list`` must always answer.
    """
    if not _there():
        return {}
    query = select(PluginSetting.name, PluginSetting.enabled, PluginSetting.config)
    try:
        with db.engine.connect() as connection:
            rows = connection.execute(query).all()
    except SQLAlchemyError:
        return {}
    return {name: Stored(enabled, config or {}) for name, enabled, config in rows}


def switch(actor: User | None, name: str, enabled: bool) -> None:
    """Switch a plugin on or off, for every process."""
    with write() as session:
        _setting(session, name, actor).enabled = enabled
        accounts.audit(actor, "plugin.enable" if enabled else "plugin.disable", name)
        _changed(session)


def configure(actor: User | None, name: str, config: Mapping[str, Any]) -> None:
    """Keep a plugin's settings (already validated, without secrets), for every process."""
    with write() as session:
        _setting(session, name, actor).config = dict(config)
        accounts.audit(actor, "plugin.configure", name, keys=sorted(config))
        _changed(session)


def _there() -> bool:
    """False for an SQLite file that does not exist: connecting would create an empty one."""
    url = db.engine.url
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return True
    return Path(url.database).exists()


def _setting(session: Session, name: str, actor: User | None) -> PluginSetting:
    row = session.get(PluginSetting, name)
    if row is None:
        row = PluginSetting(name=name, config={})
        session.add(row)
    row.updated_by = actor.name if actor else "portal"
    return row


def _changed(session: Session) -> None:
    """A higher number, and old pages: what plugins add is on many of them."""
    counters.bump(session, counters.PLUGINS)
    counters.bump(session, counters.PAGES)
