"""A plugin's own tables: a declarative base with names of its own, and what it may refer to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Session, registry

from kb.problems import N_, Problem
from portal.db import NAMING, Base, db
from portal.plugin_host.discovery import FILES
from portal.plugin_host.manifest import NAME

CORE_TABLES = ("users", "articles", "projects", "org_units")
"""The portal's tables that a plugin's foreign keys may point at, each by its ``id``."""

LONGEST = 63
"""Characters in a table's name, on PostgreSQL."""


@dataclass(frozen=True)
class PluginTables:
    """What is needed to migrate a plugin: its name, its tables, and where its revisions lie."""

    plugin: str
    metadata: MetaData
    folder: Path


def prefix(plugin: str) -> str:
    """How the names of a plugin's tables begin.

    Two underscores, which no plugin's name holds: ``a`` and ``a_b`` never share a table.
    """
    return f"plugin_{plugin}__"


def version_table(plugin: str) -> str:
    """Where Alembic remembers how far a plugin's tables are."""
    return f"alembic_version_plugin_{plugin}"


def plugin_tables(plugin: str) -> type[DeclarativeBase]:
    """The declarative base for the tables of `plugin`; make it once, beside the models.

    A class with ``__tablename__ = "entries"`` becomes the table ``plugin_<plugin>__entries``.
    Foreign keys may point at the plugin's own tables (``ForeignKey(Entry.id)``) and, by name, at
    the ``id`` of the tables in `CORE_TABLES`; say what happens when such a row goes
    (``ondelete=…``). The manifest's `migrations` names the folder of the Alembic revisions.

    Raises ValueError for a name no plugin can have.
    """
    if not NAME.fullmatch(plugin):
        raise ValueError(f"no plugin can be called {plugin!r}")
    own = MetaData(naming_convention=NAMING, info={"plugin": plugin})
    for name in CORE_TABLES:
        Table(name, own, Column("id", Integer, primary_key=True), info={"core": True})
    types = dict(Base.registry.type_annotation_map)

    class Tables(DeclarativeBase):
        """Base of one plugin's models."""

        metadata = own
        registry = registry(metadata=own, type_annotation_map=types)

        def __init_subclass__(cls, **keywords: Any) -> None:
            name = cls.__dict__.get("__tablename__")
            if isinstance(name, str):
                cls.__tablename__ = prefix(plugin) + name
            super().__init_subclass__(**keywords)

    return Tables


def session() -> Session:
    """The session of what is being done now, for reading; changes are made in ``write()``."""
    return db.session()


def metadata_in(plugin: str, module: ModuleType) -> tuple[MetaData, ...]:
    """The metadata that `plugin_tables` made for `plugin`, wherever in its package."""
    modules = [module]
    package = module.__package__
    # Single files stand in one pretended package, old versions of them included.
    if package and package != FILES:
        inside = f"{package}."
        modules += [one for name, one in list(sys.modules.items()) if name.startswith(inside)]
    found: dict[int, MetaData] = {}
    for one in modules:
        for value in list(vars(one).values()):
            if not isinstance(value, type) or not issubclass(value, DeclarativeBase):
                continue
            metadata = getattr(value, "metadata", None)
            if isinstance(metadata, MetaData) and metadata.info.get("plugin") == plugin:
                found[id(metadata)] = metadata
    return tuple(found.values())


def faults(plugin: str, metadata: MetaData) -> Iterator[Problem]:
    """Names that are not the plugin's, and foreign keys to where it may not point."""
    start = prefix(plugin)
    for table in metadata.tables.values():
        if table.info.get("core"):
            continue
        params = {"plugin": plugin, "table": table.fullname, "prefix": start}
        if not table.fullname.startswith(start) or len(table.fullname) > LONGEST:
            yield Problem(
                "JS-4001",
                N_("插件 %(plugin)s 的表名不能用：%(table)s"),
                N_("表名要以 %(prefix)s 开头，总长不超过 63 个字符"),
                params=params,
            )
        for key in table.foreign_keys:
            target, _dot, column = key.target_fullname.rpartition(".")
            known = metadata.tables.get(target)
            if known is None or (known.info.get("core") and column != "id"):
                yield Problem(
                    "JS-4001",
                    N_("插件 %(plugin)s 的表 %(table)s 有外键指向 %(target)s，这不允许"),
                    N_(
                        "外键只能指向 %(core)s 的 id，或插件自己的表，"
                        "写成 ForeignKey(类.id) 或以 %(prefix)s 开头的全名"
                    ),
                    params=params | {"target": key.target_fullname, "core": "、".join(CORE_TABLES)},
                )
