"""`portal db` with plugins and `portal plugins purge`: what they do, say and refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import inspect, text

from kb.problems import ProblemError
from portal import create_app, migrate
from portal.accounts.models import AuditEntry, Role, User
from portal.cli import cli
from portal.db import db, write
from portal.flushing import Flusher
from portal.plugin_host import host, store
from portal.plugin_host.models import PluginSetting

Write = Callable[..., Path]
Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, any_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the commands, with a folder for plugins."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PORTAL_PLUGINS_DIR", str(tmp_path / "plugins"))
    monkeypatch.setenv("PORTAL_DATABASE_URL", any_url)
    # A command's process ends with it; here its thread would outlive the database.
    monkeypatch.setattr(Flusher, "wake", lambda _flusher: None)
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    """Run a command; a ProblemError is left in `exception`, as `portal` itself sees it."""
    return lambda *arguments, stdin="": CliRunner().invoke(cli, arguments, input=stdin)


@contextmanager
def portal() -> Iterator[Flask]:
    """The application as a process of its own would have it."""
    app = create_app()
    with app.app_context():
        yield app
        host().pool.settle(5.0)  # what it renews, it renews with this database
        db.session.remove()
        db.engine.dispose()


def refused(result: Result) -> str:
    """What a command that ends with code 2 says."""
    assert isinstance(result.exception, ProblemError), result.output
    return str(result.exception)


def tables() -> set[str]:
    with portal():
        return set(inspect(db.engine).get_table_names())


def test_upgrade_brings_the_portal_and_every_plugin_up_and_names_each(
    run: Run, write_guestbook: Write
) -> None:
    write_guestbook()
    write_guestbook("note")
    result = run("db", "upgrade")
    assert result.exit_code == 0, result.output
    assert "数据库结构：空 → " in result.output
    assert "插件 guestbook 的数据表：空 → 0002" in result.output
    assert "插件 note 的数据表：空 → 0002" in result.output
    again = run("db", "upgrade")
    assert again.output.count("已经是最新结构") == 3
    for arguments in (("db", "check"), ("db", "check", "--plugin", "note")):
        checked = run(*arguments)
        assert checked.exit_code == 0, checked.output
        assert "一致" in checked.output


def test_running_processes_learn_that_a_plugins_tables_are_there(
    run: Run, write_guestbook: Write
) -> None:
    run("db", "upgrade")
    write_guestbook()
    with portal():
        plugin = host().plugin("guestbook")
        assert plugin is not None and not plugin.running
        result = run("db", "upgrade", "--plugin", "guestbook")
        assert result.exit_code == 0, result.output
        host().refresh()
        plugin = host().plugin("guestbook")
        assert plugin is not None and plugin.running
        assert run("db", "downgrade", "base", "--plugin", "guestbook", "--yes").exit_code == 0
        host().refresh()
        plugin = host().plugin("guestbook")
        assert plugin is not None and not plugin.running


def test_upgrade_works_where_strict_mode_would_not_start(
    run: Run, write_guestbook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_guestbook()
    monkeypatch.setenv("PORTAL_PLUGINS_STRICT", "true")
    refusing = subprocess.run(
        [sys.executable, "-m", "portal.cli", "plugins", "list"], capture_output=True, text=True
    )
    assert refusing.returncode == 2 and "还没有建" in refusing.stderr
    result = run("db", "upgrade")
    assert result.exit_code == 0, result.output
    with portal():
        assert host().plugins


def test_one_plugin_that_cannot_be_upgraded_does_not_keep_the_others_waiting(
    run: Run, write_guestbook: Write
) -> None:
    write_guestbook("album", revisions=0)
    write_guestbook("note")
    result = run("db", "upgrade")
    assert result.exit_code == 2
    assert "album 还没有迁移文件" in result.stderr
    assert "插件 note 的数据表：空 → 0002" in result.output


def test_check_names_what_does_not_agree_and_exits_with_1(run: Run, write_guestbook: Write) -> None:
    write_guestbook()
    pending = run("db", "check", "--plugin", "guestbook")
    assert pending.exit_code == 1 and "还没有建" in pending.stderr
    run("db", "upgrade")
    write_guestbook(extra="mood: Mapped[str | None] = mapped_column(String(9))")
    result = run("db", "check", "--plugin", "guestbook")
    assert result.exit_code == 1
    assert "add_column plugin_guestbook__replies mood" in result.output


def test_revision_writes_a_file_that_makes_models_and_database_agree(
    run: Run, write_guestbook: Write
) -> None:
    path = write_guestbook()
    run("db", "upgrade")
    nothing = run("db", "revision", "--plugin", "guestbook", "-m", "nothing")
    assert nothing.exit_code == 0 and "没有要写的" in nothing.output
    write_guestbook(extra="mood: Mapped[str | None] = mapped_column(String(9))")
    result = run("db", "revision", "--plugin", "guestbook", "-m", "心情")
    assert result.exit_code == 0, result.output
    (made,) = (path.parent / "guestbook_migrations").glob("0003*.py")
    assert str(made) in result.output
    assert run("db", "upgrade", "--plugin", "guestbook").exit_code == 0
    assert run("db", "check", "--plugin", "guestbook").exit_code == 0
    assert run("db", "downgrade", "-1", "--plugin", "guestbook", "--yes").exit_code == 0


def test_downgrade_asks_first(run: Run, write_guestbook: Write) -> None:
    write_guestbook()
    run("db", "upgrade")
    no = run("db", "downgrade", "base", "--plugin", "guestbook", stdin="n\n")
    assert no.exit_code == 1 and "plugin_guestbook__entries" in tables()
    yes = run("db", "downgrade", "base", "--plugin", "guestbook", stdin="y\n")
    assert yes.exit_code == 0 and "0002 → 空" in yes.output
    assert "plugin_guestbook__entries" not in tables()
    core = run("db", "downgrade", "base", "--yes")
    assert core.exit_code == 0, core.output
    assert tables() <= {"alembic_version", "alembic_version_plugin_guestbook"}


@pytest.mark.parametrize("command", ["upgrade", "check", "downgrade", "revision"])
def test_a_plugin_that_is_unknown_or_has_no_tables_is_refused(command: str, run: Run) -> None:
    more = {"downgrade": ["base", "--yes"], "revision": ["-m", "x"]}.get(command, [])
    run("db", "upgrade")
    unknown = refused(run("db", command, *more, "--plugin", "nobody"))
    assert "没有名为 nobody 的插件" in unknown
    without = refused(run("db", command, *more, "--plugin", "announcement"))
    assert "没有自己的数据表" in without


def test_the_command_itself_exits_with_2(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "db", "check", "--plugin", "nobody"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "没有名为 nobody 的插件" in done.stderr


def fill(name: str) -> None:
    """Rows that refer to each other and to the portal, a folder, settings; then switched off."""
    with portal() as app:
        with write() as session:
            anna = session.query(User).filter_by(name="anna").one_or_none()
            if anna is None:
                anna = User(name="anna", role=Role.READER)
                session.add(anna)
                session.flush()
            entry = {"text": "好", "author": anna.id}
            columns = "INSERT INTO plugin_{0}__entries (id, text, author_id, at) VALUES"
            values = "(1, :text, :author, '2026-01-01')"
            session.execute(text(f"{columns.format(name)} {values}"), entry)
            replies = f"INSERT INTO plugin_{name}__replies (id, entry_id, text) VALUES (1, 1, 'x')"
            session.execute(text(replies))
        folder = app.config["SETTINGS"].home / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "file.txt").write_text("x", encoding="utf-8")
        store.switch(None, name, False)


def test_purge_lists_asks_and_takes_everything(
    run: Run, home: Path, write_guestbook: Write
) -> None:
    write_guestbook()
    run("db", "upgrade")
    fill("guestbook")
    no = run("plugins", "purge", "guestbook", stdin="n\n")
    assert no.exit_code == 1, no.output
    assert "plugin_guestbook__entries（1 行）" in no.output
    assert "plugin_guestbook__entries" in tables()
    yes = run("plugins", "purge", "guestbook", "--yes")
    assert yes.exit_code == 0, yes.output
    assert not any("guestbook" in name for name in tables())
    assert not (home / "plugins" / "guestbook").exists()
    with portal():
        entry = db.session.query(AuditEntry).filter_by(action="plugin.purge").one()
        assert entry.subject == "guestbook"
        assert entry.detail["tables"]["plugin_guestbook__replies"] == 1
        assert db.session.query(User).one().name == "anna"
        # Still installed: it stays switched off until somebody wants it again.
        assert db.session.get(PluginSetting, "guestbook").enabled is False
        migrate.downgrade("base")
        migrate.upgrade()
        assert migrate.differences() == ()


def test_purge_works_when_the_plugin_is_no_longer_installed_and_spares_its_neighbours(
    run: Run, home: Path, write_guestbook: Write
) -> None:
    path = write_guestbook("note")
    write_guestbook("note_book")
    run("db", "upgrade")
    fill("note")
    fill("note_book")
    path.unlink()
    result = run("plugins", "purge", "note", "--yes")
    assert result.exit_code == 0, result.output
    assert {name for name in tables() if "plugin_note" in name} == {
        "plugin_note_book__entries",
        "plugin_note_book__replies",
        "alembic_version_plugin_note_book",
    }
    assert (home / "plugins" / "note_book" / "file.txt").exists()
    with portal():
        assert db.session.get(PluginSetting, "note") is None
        assert db.session.get(PluginSetting, "note_book") is not None
    again = run("plugins", "purge", "note", "--yes")
    assert again.exit_code == 0 and "没有留下任何东西" in again.output


def test_purge_takes_tables_that_refer_to_each_other_in_a_circle(
    run: Run, home: Path, any_url: str
) -> None:
    run("db", "upgrade")
    with portal(), write() as session:
        integer = "INTEGER PRIMARY KEY"
        session.execute(text(f"CREATE TABLE plugin_ring__a (id {integer}, b_id INTEGER)"))
        refers = "a_id INTEGER REFERENCES plugin_ring__a (id)"
        session.execute(text(f"CREATE TABLE plugin_ring__b (id {integer}, {refers})"))
        column = "ALTER TABLE plugin_ring__a ADD COLUMN c_id INTEGER"
        session.execute(text(f"{column} REFERENCES plugin_ring__b (id)"))
        session.execute(text("INSERT INTO plugin_ring__a (id) VALUES (1)"))
        session.execute(text("INSERT INTO plugin_ring__b (id, a_id) VALUES (1, 1)"))
        session.execute(text("UPDATE plugin_ring__a SET c_id = 1"))
    result = run("plugins", "purge", "ring", "--yes")
    assert result.exit_code == 0, result.output
    assert not any("plugin_ring" in name for name in tables())


def test_purge_refuses_a_running_plugin_and_names_that_are_none(
    run: Run, home: Path, write_guestbook: Write
) -> None:
    write_guestbook()
    run("db", "upgrade")
    running = refused(run("plugins", "purge", "guestbook", "--yes"))
    assert "正在运行" in running and "停用" in running
    assert "plugin_guestbook__entries" in tables()
    (home / "secret").mkdir()
    assert "没有名为" in refused(run("plugins", "purge", "../secret", "--yes"))
    assert (home / "secret").exists()
