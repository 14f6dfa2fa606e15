"""Taking away everything a plugin has left behind, also when it is no longer installed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData, Table, delete, func, inspect, select, text
from sqlalchemy.orm import Session

from kb.problems import N_, Problem, ProblemError
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.db import db, write
from portal.plugin_host import host, store
from portal.plugin_host.manifest import NAME
from portal.plugin_host.models import HookCall, HookFailure, PluginSetting
from portal.plugin_host.tables import prefix, version_table


@dataclass(frozen=True)
class Remains:
    """What there is of a plugin."""

    plugin: str
    tables: tuple[tuple[str, int], ...]
    """Name and rows of each of its tables."""
    version_table: bool
    settings: bool
    folder: Path | None

    @property
    def nothing(self) -> bool:
        """True when there is nothing to take away."""
        return not (self.tables or self.version_table or self.settings or self.folder)


def remains(name: str) -> Remains:
    """What `purge` would take away.

    Raises ProblemError JS-4001 for a plugin that is running, or a name that no plugin can have.
    """
    if not NAME.fullmatch(name):
        message, remedy = N_("没有名为 %(plugin)s 的插件"), N_("用 portal plugins list 看有哪些")
        raise ProblemError(Problem("JS-4001", message, remedy, params={"plugin": name}))
    plugin = host().plugin(name)
    if plugin is not None and plugin.running:
        raise ProblemError(
            Problem(
                "JS-4001",
                N_("插件 %(plugin)s 正在运行，不能清除"),
                N_("先在 /admin/plugins 停用它"),
                params={"plugin": name},
            )
        )
    db.session.rollback()
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        own = sorted(one for one in names if one.startswith(prefix(name)))
        counts = tuple(
            (one, connection.scalar(select(func.count()).select_from(_bare(one))) or 0)
            for one in own
        )
    folder = host().settings.home / "plugins" / name
    return Remains(
        plugin=name,
        tables=counts,
        version_table=version_table(name) in names,
        settings=name in store.decisions(),
        folder=folder if folder.is_dir() else None,
    )


def purge(actor: User | None, name: str) -> Remains:
    """Take away the plugin's tables, settings, counts and folder; gives what was there.

    A plugin that is still installed stays switched off. Raises ProblemError JS-4001 as `remains`
    does, and JS-1002 when the folder cannot be removed (the database is clean by then).
    """
    found = remains(name)
    with write() as session:
        _drop(session, [table for table, _rows in found.tables])
        if found.version_table:
            session.execute(text(f'DROP TABLE "{version_table(name)}"'))
        row = session.get(PluginSetting, name)
        if row is not None and host().plugin(name) is not None:
            row.config, row.secrets, row.roles = {}, {}, {}
        elif row is not None:
            session.delete(row)
        for model in (HookCall, HookFailure):
            session.execute(delete(model).where(model.plugin == name))
        accounts.audit(actor, "plugin.purge", name, tables=dict(found.tables))
        store.changed()
    if found.folder is not None:
        _remove(found.folder)
    return found


def _drop(session: Session, tables: list[str]) -> None:
    """Drop tables that may refer to each other in any order, within the transaction."""
    if not tables:
        return
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(f'"{name}"' for name in tables)
        session.execute(text(f"DROP TABLE {names} CASCADE"))
        return
    # SQLite drops one at a time, and looks at the foreign keys of what is left in them: so all
    # are emptied first, and until then the keys wait.
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    for name in tables:
        session.execute(_bare(name).delete())
    for name in tables:
        session.execute(text(f'DROP TABLE "{name}"'))


def _bare(name: str) -> Table:
    """A table known by name only."""
    return Table(name, MetaData())


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise ProblemError(
            Problem(
                "JS-1002",
                N_("文件夹 %(folder)s 删不掉：%(error)s"),
                N_("检查它的权限，手工删除；数据库里的已经清除"),
                params={"folder": folder, "error": error.strerror or error},
            )
        ) from error
