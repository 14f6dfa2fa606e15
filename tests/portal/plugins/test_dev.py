"""`--dev`: a plugin's edited files are read again; `--safe-mode`; loading before readers come."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from portal import plugin_host
from portal.cli import cli
from portal.plugin_host import discovery, host
from portal.plugin_host.states import State
from portal.plugin_host.watching import Watcher
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

MENU = "@hookimpl\ndef portal_navigation(ctx):\n    return [NavigationItem('one', '{}', '/faq/')]"


def edit(path: Path, text: str) -> None:
    """Write, with a time of change that differs whatever the clock's resolution."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(textwrap.dedent(text), "utf-8")
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


def label(app: Flask) -> str:
    with app.app_context():
        items = (item.label for item in host().navigation(None) if item.name == "one")
        return next(items, "")


def test_an_edited_file_counts_at_once(write_plugin: Write, load: Load) -> None:
    path = write_plugin("menu", MENU.format("甲"))
    app = load()
    watcher = Watcher(app)
    assert label(app) == "甲" and watcher.look() == []
    source = path.read_text("utf-8")
    edit(path, source.replace("甲", "乙"))
    assert watcher.look() == ["menu"]
    assert label(app) == "乙"
    edit(path, source + "\n1 / 0")
    assert watcher.look() == ["menu"]
    with app.app_context():
        plugin = host().plugin("menu")
        assert plugin is not None and plugin.state is State.FAILED
    edit(path, source)
    assert watcher.look() == ["menu"] and label(app) == "甲"


def test_a_new_file_is_found_and_a_deleted_one_let_go(write_plugin: Write, load: Load) -> None:
    app = load()
    watcher = Watcher(app)
    path = write_plugin("menu", MENU.format("甲"))
    assert watcher.look() == ["menu"] and label(app) == "甲"
    path.unlink()
    assert watcher.look() == ["menu"] and label(app) == ""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed plugin whose parts lie in several files."""
    folder = tmp_path / "site" / "dev_menu"
    folder.mkdir(parents=True)
    edit(folder / "__init__.py", "")
    edit(folder / "words.py", "LABEL = '甲'\n")
    edit(
        folder / "plugin.py",
        """
        from dev_menu.words import LABEL
        from portal.api import NavigationItem, PluginManifest, hookimpl

        manifest = PluginManifest(name="dev_menu", title="x")

        @hookimpl
        def portal_navigation(ctx):
            return [NavigationItem("one", LABEL, "/faq/")]
        """,
    )
    monkeypatch.syspath_prepend(str(folder.parent))
    point = EntryPoint("dev_menu", "dev_menu.plugin", discovery.GROUP)
    monkeypatch.setattr(discovery, "entry_points", lambda group: [point])
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    yield folder


def test_every_file_of_a_package_counts(package: Path, load: Load) -> None:
    app = load()
    watcher = Watcher(app)
    assert label(app) == "甲"
    edit(package / "words.py", "LABEL = '乙'\n")
    assert watcher.look() == ["dev_menu"] and label(app) == "乙"


def test_a_process_that_serves_has_asked_for_everything_before_readers_come(
    write_plugin: Write, load: Load
) -> None:
    write_plugin(
        "menu",
        "import builtins\nbuiltins.asked = []\n"
        + MENU.format("甲").replace("    return", "    builtins.asked.append(1)\n    return"),
    )
    app = load()
    plugin_host.preload(app)
    import builtins

    assert builtins.asked == [1]  # type: ignore[attr-defined]
    app.test_client().get("/")
    assert builtins.asked == [1]  # type: ignore[attr-defined]


def test_a_hook_may_ask_the_portal_while_everything_is_being_collected(
    write_plugin: Write, load: Load
) -> None:
    hook = "@hookimpl\ndef portal_{}(ctx):\n    kinds()\n    return []"
    # What the window on the library does for every article it gives.
    write_plugin(
        "curious",
        "from portal.library.kinds import kinds\n"
        + hook.format("content_kinds")
        + "\n"
        + hook.format("navigation"),
    )
    app = load()
    plugin_host.preload(app)
    with app.app_context():
        plugin = host().plugin("curious")
        assert plugin is not None and plugin.state is State.ACTIVE, plugin.problem


def test_safe_mode_leaves_third_party_plugins_alone(
    write_plugin: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin("danger", "raise SystemExit")
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PORTAL_PLUGINS_DIR", str(tmp_path / "plugins"))
    monkeypatch.delenv("PORTAL_PLUGINS_SAFE_MODE", raising=False)
    loud = CliRunner().invoke(cli, ["plugins", "list"]).output
    monkeypatch.setenv("PORTAL_PLUGINS_SAFE_MODE", "false")  # put back when the test ends
    quiet = CliRunner().invoke(cli, ["--safe-mode", "plugins", "list"]).output
    assert "没有载入  danger" in loud and "sys.exit" in loud
    assert "已停用  danger" in quiet and "安全模式" in quiet and "sys.exit" not in quiet


def test_switching_from_the_command_line(
    write_plugin: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin("broken", "1 / 0")
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PORTAL_PLUGINS_DIR", str(tmp_path / "plugins"))
    run = CliRunner()
    assert run.invoke(cli, ["init", "--no-content"]).exit_code == 0
    off = run.invoke(cli, ["plugins", "disable", "glossary"])
    assert off.exit_code == 0 and off.output.strip() == "glossary：已停用"
    assert "正常" in run.invoke(cli, ["plugins", "enable", "glossary"]).output
    bad = run.invoke(cli, ["plugins", "enable", "broken"])
    assert bad.exit_code == 1 and "ZeroDivisionError" in bad.output
    assert "没有名为 nobody" in str(run.invoke(cli, ["plugins", "enable", "nobody"]).exception)
