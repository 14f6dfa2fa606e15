"""Portals on empty databases, and a plugin with two tables and two revisions."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.db import db
from portal.plugin_host import host
from portal.settings import load
from tests.portal.databases import Postgres

BuildApp = Callable[..., Flask]
Write = Callable[..., Path]

PLUGIN = """
from datetime import datetime
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column
from portal.api import (
    NavigationItem, PluginManifest, hookimpl, plugin_tables, session, utcnow, write
)

manifest = PluginManifest(name={name!r}, title="留言", migrations="{name}_migrations")

Base = plugin_tables({name!r})


class Entry(Base):
    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=utcnow)


class Reply(Base):
    __tablename__ = "replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey(Entry.id))
    text: Mapped[str] = mapped_column(String(200))
    {extra}


@hookimpl
def portal_navigation(ctx):
    return [NavigationItem(ctx.name, "留言", "/x/" + ctx.name)]
"""

FIRST = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def upgrade():
    op.create_table(
        "plugin_{name}__entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["users.id"],
            name="fk_plugin_{name}__entries_author_id_users",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_{name}__entries"),
    )
    op.create_index(
        "ix_plugin_{name}__entries_author_id", "plugin_{name}__entries", ["author_id"]
    )


def downgrade():
    op.drop_table("plugin_{name}__entries")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade():
    op.create_table(
        "plugin_{name}__replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["plugin_{name}__entries.id"],
            name="fk_plugin_{name}__replies_entry_id_plugin_{name}__entries",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_{name}__replies"),
    )


def downgrade():
    op.drop_table("plugin_{name}__replies")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of each kind; an empty URL is SQLite in the home."""
    if request.param == "sqlite":
        yield ""
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def build_app(any_url: str, tmp_path: Path) -> Iterator[BuildApp]:
    """Build a portal on this test's database, with the plugins written by then.

    The application's context stays open until the next is built.
    """
    home, plugins = tmp_path / "home", tmp_path / "plugins"
    home.mkdir()
    plugins.mkdir()

    @contextmanager
    def opened() -> Iterator[Flask]:
        app = create_app(load({}, home=home, database_url=any_url, plugins_dir=plugins))
        app.testing = True  # no threads of its own, which would outlive the database
        with app.app_context():
            yield app
            host().close()  # what it renews, it renews with this database
            db.session.remove()
            db.engine.dispose()

    last = []

    def build() -> Flask:
        while last:
            last.pop().__exit__(None, None, None)
        last.append(opened())
        return last[-1].__enter__()

    yield build
    while last:
        last.pop().__exit__(None, None, None)


@pytest.fixture
def empty_app(build_app: BuildApp) -> Flask:
    """A portal on an empty database, inside its context."""
    return build_app()


@pytest.fixture
def write_guestbook(tmp_path: Path) -> Write:
    """Write the sample plugin; `revisions` says how many it brings, `extra` is one more column."""

    def write(name: str = "guestbook", *, revisions: int = 2, extra: str = "") -> Path:
        path = tmp_path / "plugins" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(PLUGIN.format(name=name, extra=extra), encoding="utf-8")
        folder = path.parent / f"{name}_migrations"
        shutil.rmtree(folder, ignore_errors=True)
        if revisions:
            folder.mkdir()
        for number, source in enumerate([FIRST, SECOND][:revisions], 1):
            file = folder / f"000{number}_step.py"
            file.write_text(source.format(name=name), encoding="utf-8")
        return path

    return write
