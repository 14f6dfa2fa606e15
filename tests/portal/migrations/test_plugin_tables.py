"""Plugins' own tables: up and down beside the portal's, on both databases, mixed up with none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import inspect, select, text

from kb.problems import Problem, ProblemError
from portal import migrate
from portal.accounts.models import Role, User
from portal.db import db, write
from portal.plugin_host import discovery, host, store, structure
from portal.plugin_host.states import Plugin, State
from portal.plugin_host.tables import CORE_TABLES, PluginTables

BuildApp = Callable[..., Flask]
Write = Callable[..., Path]


def plugin(name: str = "guestbook") -> Plugin:
    found = host().plugin(name)
    assert found is not None
    return found


def tables(name: str = "guestbook") -> PluginTables:
    return structure.tables_of(plugin(name))


def problem(name: str = "guestbook") -> Problem:
    found = plugin(name).problem
    assert found is not None
    return found


def names() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def set_up(*plugins: str) -> None:
    """The portal's tables and those of the plugins."""
    migrate.upgrade()
    for name in plugins:
        migrate.upgrade(tables(name))
    host().reload()


def module(name: str = "guestbook") -> Any:
    found = plugin(name).module
    assert found is not None
    return found


def test_up_check_down_up(build_app: BuildApp, write_guestbook: Write) -> None:
    write_guestbook()
    build_app()
    set_up("guestbook")
    assert migrate.state(tables()) is None
    assert migrate.differences(tables()) == ()
    assert {"plugin_guestbook__entries", "plugin_guestbook__replies"} <= names()
    migrate.downgrade("0001", tables())
    assert "plugin_guestbook__replies" not in names()
    migrate.downgrade("base", tables())
    assert not any(name.startswith("plugin_") for name in names())
    migrate.upgrade(tables())
    assert migrate.differences(tables()) == ()


def test_rows_are_written_and_read_with_the_portals_own_session(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    write_guestbook()
    build_app()
    set_up("guestbook")
    entry = module().Entry
    with write() as session:
        anna = User(name="anna", role=Role.READER)
        session.add(anna)
        session.flush()
        session.add(entry(text="好", author_id=anna.id))
    found = module().session().scalars(select(entry)).one()
    assert (found.text, found.author_id) == ("好", anna.id)
    assert found.at.tzinfo is not None
    with pytest.raises(RuntimeError, match="outside write"):
        db.session.add(entry(text="旁门"))
        db.session.flush()


def test_a_plugin_whose_tables_are_not_made_waits_and_says_what_to_run(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    write_guestbook()
    build_app()
    migrate.upgrade()
    assert plugin().state is State.MISCONFIGURED
    assert problem().code == "JS-1003"
    assert "还没有建" in problem().text()
    assert problem().next_step() == "运行 portal db upgrade --plugin guestbook"
    assert "guestbook" not in {one.plugin for one in host().collected("portal_navigation")}
    migrate.upgrade(tables())
    host().reload()
    assert plugin().state is State.ACTIVE
    assert "guestbook" in {one.plugin for one in host().collected("portal_navigation")}


def test_without_a_database_a_plugin_with_tables_waits(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    write_guestbook()
    build_app()
    assert "还没有建" in problem().text()
    assert not (host().settings.home / "portal.sqlite").exists()


def test_older_and_newer_tables_are_told_apart(build_app: BuildApp, write_guestbook: Write) -> None:
    write_guestbook(revisions=1)
    build_app()
    set_up("guestbook")
    write_guestbook()
    build_app()
    assert "是 0001，插件要的是 0002" in problem().text()
    assert "备份" in problem().next_step()
    migrate.upgrade(tables())
    write_guestbook(revisions=1)
    build_app()
    assert "0002 比插件新" in problem().text()


def test_models_that_went_ahead_of_their_revisions_are_named(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    write_guestbook(extra="mood: Mapped[str | None] = mapped_column(String(9))")
    build_app()
    set_up("guestbook")
    assert migrate.differences(tables()) == ("add_column plugin_guestbook__replies mood",)


def test_a_new_revision_is_written_from_the_models(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    write_guestbook(revisions=0)
    build_app()
    migrate.upgrade()
    assert "还没有迁移文件" in problem().text()
    path = migrate.new_revision(tables(), "第一张 表")
    source = path.read_text(encoding="utf-8")
    assert path.parent.name == "guestbook_migrations" and path.name.startswith("0001")
    assert "sa.DateTime(timezone=True)" in source and "UtcDateTime" not in source
    assert "'users'" not in source  # the portal's tables are not the plugin's to make
    migrate.upgrade(tables())
    assert migrate.differences(tables()) == ()
    host().reload()
    assert plugin().state is State.ACTIVE


def test_every_table_that_is_offered_to_plugins_can_be_taken_back(build_app: BuildApp) -> None:
    build_app()
    migrate.upgrade()
    with write() as session:
        for name in CORE_TABLES:
            refers = f"thing_id INTEGER REFERENCES {name} (id)"
            session.execute(text(f"CREATE TABLE plugin_links__{name} (id INTEGER, {refers})"))
    core_walks_up_and_down()


def core_walks_up_and_down() -> None:
    command.check(migrate.config())
    migrate.downgrade("base")
    left = {name for name in names() if not name.startswith(("plugin_", "alembic_version"))}
    assert left == set()
    migrate.upgrade()
    command.check(migrate.config())
    assert migrate.state() is None


def test_the_portal_migrates_as_if_the_plugin_were_not_there(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    path = write_guestbook()
    build_app()
    set_up("guestbook")
    with write() as session:
        anna = User(name="anna", role=Role.READER)
        session.add(anna)
        session.flush()
        session.add(module().Entry(text="好", author_id=anna.id))
    core_walks_up_and_down()
    path.unlink()
    build_app()  # the plugin is gone, its tables are not
    assert "plugin_guestbook__entries" in names()
    core_walks_up_and_down()
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT text FROM plugin_guestbook__entries")).scalars()
        assert list(kept) == ["好"]


@pytest.mark.parametrize("order", [("note", "note_book"), ("note_book", "note")])
def test_plugins_with_similar_names_never_share_a_table(
    order: tuple[str, str], build_app: BuildApp, write_guestbook: Write
) -> None:
    for name in order:
        write_guestbook(name)
    build_app()
    set_up(*order)
    for name in order:
        assert migrate.differences(tables(name)) == ()
    migrate.downgrade("base", tables(order[0]))
    assert migrate.state(tables(order[1])) is None
    assert migrate.differences(tables(order[1])) == ()


@pytest.mark.parametrize("name", ["a__b", "note_", "_note", "a" * 41, "a", "Note"])
def test_names_from_which_no_table_can_be_named_are_refused(
    name: str, build_app: BuildApp, tmp_path: Path
) -> None:
    from portal.plugin_host.manifest import NAME

    assert not NAME.fullmatch(name)


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ('bad: Mapped[int] = mapped_column(ForeignKey("spaces.id"))', "spaces.id"),
        ('bad: Mapped[str] = mapped_column(ForeignKey("users.name"))', "users.name"),
        ('bad: Mapped[int] = mapped_column(ForeignKey("entries.id"))', "entries.id"),
        ('bad: Mapped[int] = mapped_column(ForeignKey("plugin_other__x.id"))', "plugin_other__x"),
    ],
)
def test_foreign_keys_that_are_not_allowed_are_refused_in_words(
    extra: str, says: str, build_app: BuildApp, write_guestbook: Write
) -> None:
    write_guestbook(extra=extra)
    build_app()
    assert plugin().state is State.FAILED
    assert says in problem().text() and "org_units" in problem().next_step()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (', migrations="guestbook_migrations"', "", "对不上"),
        ("plugin_tables('guestbook')", "plugin_tables('other')", "对不上"),
        ('"guestbook_migrations"', '"../elsewhere"', "migrations"),
        ('"guestbook_migrations"', "None", "migrations"),
        (
            "\nclass Entry",
            "\nfrom sqlalchemy import Table\nTable('loose', Base.metadata)\nclass Entry",
            "loose",
        ),
    ],
)
def test_what_an_author_can_get_wrong_is_said_in_words(
    old: str, new: str, says: str, build_app: BuildApp, write_guestbook: Write
) -> None:
    path = write_guestbook()
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")
    build_app()
    assert plugin().state is State.FAILED
    assert says in problem().text()


@pytest.mark.parametrize("breaks", ["1 / 0", "import sys; sys.exit(3)", "def broken(:"])
def test_a_broken_revision_fails_its_plugin_only(
    breaks: str, build_app: BuildApp, write_guestbook: Write
) -> None:
    path = write_guestbook()
    (path.parent / "guestbook_migrations" / "0003_bad.py").write_text(breaks, encoding="utf-8")
    build_app()
    assert plugin().state is State.FAILED
    assert "迁移文件" in problem().text()
    assert plugin("announcement").state is State.ACTIVE


def test_a_revision_that_fails_half_way_leaves_the_tables_as_they_were(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    path = write_guestbook(revisions=1)
    build_app()
    set_up("guestbook")
    bad = (
        "from alembic import op\nimport sqlalchemy as sa\n"
        'revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None\n'
        "def upgrade():\n"
        '    op.create_table("plugin_guestbook__half", sa.Column("id", sa.Integer()))\n'
        "    1 / 0\n"
    )
    (path.parent / "guestbook_migrations" / "0002_bad.py").write_text(bad, encoding="utf-8")
    with (
        pytest.raises(ProblemError, match="ZeroDivisionError"),
        structure.plainly(tables()),
    ):
        migrate.upgrade(tables())
    assert "plugin_guestbook__half" not in names()
    assert migrate.found(tables()) == "0001"


def test_an_unknown_revision_is_refused_in_words(
    build_app: BuildApp, write_guestbook: Write
) -> None:
    write_guestbook()
    build_app()
    set_up("guestbook")
    with pytest.raises(ProblemError, match="不能退到版本 nowhere"):
        migrate.downgrade("nowhere", tables())


def test_a_package_may_keep_its_models_in_a_module_of_their_own(
    build_app: BuildApp, write_guestbook: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    single = write_guestbook("visitors")
    package = tmp_path / "lib" / "acme_visitors"
    package.mkdir(parents=True)
    source = single.read_text(encoding="utf-8").replace("visitors_migrations", "migrations")
    head, models = source.split("\nBase = ")
    imports, manifest = head.split("\nmanifest = ")
    (package / "__init__.py").touch()
    (package / "models.py").write_text(f"{imports}\nBase = {models}", encoding="utf-8")
    (package / "plugin.py").write_text(
        f"from portal.api import PluginManifest\nimport acme_visitors.models\n"
        f"manifest = {manifest}\n",
        encoding="utf-8",
    )
    (single.parent / "visitors_migrations").rename(package / "migrations")
    single.unlink()
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    found = discovery.Found(
        "visitors",
        discovery.Source.INSTALLED,
        "acme",
        lambda: __import__("acme_visitors.plugin", fromlist=["plugin"]),
    )
    monkeypatch.setattr(discovery, "BROUGHT", [found])
    build_app()
    set_up("visitors")
    assert plugin("visitors").state is State.ACTIVE
    assert migrate.differences(tables("visitors")) == ()
    assert store.generation() is not None
