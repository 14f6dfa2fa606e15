"""What administrators decided, in the database, and the number that tells other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import counters
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.db import database_exists, db, write
from portal.plugin_host import vault
from portal.plugin_host.models import PluginSetting


@dataclass(frozen=True)
class Stored:
    """The decisions about one plugin; `enabled` None: none."""

    enabled: bool | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Still encrypted."""
    roles: Mapping[str, str] = field(default_factory=dict)


def generation() -> int | None:
    """The number that grows with every change; None when the database cannot say.

    Every request asks, so this is one statement below the ORM, on a connection of its own.
    """
    if not database_exists():
        return None
    try:
        return counters.read(db.engine, counters.PLUGINS)
    except SQLAlchemyError:
        return None


def decisions() -> dict[str, Stored]:
    """Every stored decision by plugin; none when the database cannot say.

    Without a database plugins load as the files say: ``portal plugins list`` must always answer.
    """
    if not database_exists():
        return {}
    query = select(
        PluginSetting.name,
        PluginSetting.enabled,
        PluginSetting.config,
        PluginSetting.secrets,
        PluginSetting.roles,
    )
    try:
        with db.engine.connect() as connection:
            rows = connection.execute(query).all()
    except SQLAlchemyError:
        return {}
    return {row.name: Stored(row.enabled, row.config, row.secrets, row.roles) for row in rows}


def switch(actor: User | None, name: str, enabled: bool) -> None:
    """Switch a plugin on or off, for every process."""
    with write() as session:
        _setting(session, name, actor).enabled = enabled
        accounts.audit(actor, "plugin.enable" if enabled else "plugin.disable", name)
        changed()


def configure(
    actor: User | None,
    name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, str | None] | None = None,
) -> None:
    """Keep a plugin's settings (already validated), for every process.

    `secrets` are changes of what is kept encrypted: setting → its new value, or None to forget it.
    """
    with write() as session:
        row = _setting(session, name, actor)
        row.config = dict(config)
        kept = dict(row.secrets or {})
        for setting, value in (secrets or {}).items():
            kept.pop(setting, None)
            if value is not None:
                kept[setting] = vault.locked(value)
        row.secrets = kept
        keys = sorted({*config, *(secrets or {})})
        accounts.audit(actor, "plugin.configure", name, keys=keys)
        changed()


def grant(actor: User | None, name: str, roles: Mapping[str, str]) -> None:
    """Keep which role has which of a plugin's permissions, for every process."""
    with write() as session:
        _setting(session, name, actor).roles = dict(roles)
        accounts.audit(actor, "plugin.grant", name, roles=dict(roles))
        changed()


def changed() -> None:
    """A higher number for every process, and old pages: what plugins add is on many of them."""
    with write() as session:
        counters.bump(session, counters.PLUGINS)
        counters.bump(session, counters.PAGES)


def _setting(session: Session, name: str, actor: User | None) -> PluginSetting:
    row = session.get(PluginSetting, name)
    if row is None:
        row = PluginSetting(name=name, config={}, secrets={}, roles={})
        session.add(row)
    row.updated_by = actor.name if actor else "portal"
    return row
