"""`portal plugins list` and `portal x`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli.plugins import command as plugins_command
from portal.cli.x import command as x_command
from portal.plugin_host.discovery import BUNDLED

Write = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """A shell whose portal lives in this test's folder."""
    (tmp_path / "plugins").mkdir(exist_ok=True)
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PORTAL_PLUGINS_DIR", str(tmp_path / "plugins"))
    yield CliRunner()


def test_the_list_without_a_database(run: CliRunner, write_plugin: Write) -> None:
    write_plugin("broken", "1 / 0")
    result = run.invoke(plugins_command, ["list"])
    assert result.exit_code == 0, result.output
    assert "公告" in result.output
    assert "[JS-4001]" in result.output and "ZeroDivisionError" in result.output


def test_the_list_as_json_is_json_whatever_plugins_print(
    run: CliRunner, write_plugin: Write
) -> None:
    write_plugin("chatty", "print('{')")
    write_plugin("broken", "1 / 0")
    result = run.invoke(plugins_command, ["list", "--json"])
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert len(rows) == len(BUNDLED) + 2
    assert rows["chatty"]["state"] == "active"
    assert rows["broken"]["state"] == "failed" and rows["broken"]["code"] == "JS-4001"
    assert rows["broken"]["reason"] and rows["broken"]["next_step"]
    kinds = rows["announcement"]["contributions"]
    assert kinds == [{"hook": "portal_content_kinds", "name": "announcement"}]


HELLO = """
import click

@hookimpl
def portal_cli_commands(ctx):
    @click.command()
    @click.option("--times", default=1)
    def hello(times):
        click.echo(f"{ctx.name} " * times)

    @click.command()
    def fails():
        raise RuntimeError("no luck")

    return [CliCommand(hello), CliCommand(fails)]
"""


def test_a_plugins_command(run: CliRunner, write_plugin: Write) -> None:
    write_plugin("say_hello", HELLO)
    result = run.invoke(x_command, ["say-hello", "hello", "--times", "2"])
    assert result.exit_code == 0, result.output
    assert result.output.strip() == "say_hello say_hello"
    assert "say-hello" in run.invoke(x_command, ["--help"]).output


def test_a_plugins_command_that_raises_is_named(run: CliRunner, write_plugin: Write) -> None:
    write_plugin("say_hello", HELLO)
    result = run.invoke(x_command, ["say-hello", "fails"])
    assert result.exit_code == 1
    assert "JS-4001" in result.output and "no luck" in result.output


def test_wrong_options_are_clicks_to_tell(run: CliRunner, write_plugin: Write) -> None:
    write_plugin("say_hello", HELLO)
    assert run.invoke(x_command, ["say-hello", "hello", "--nope"]).exit_code == 2
    assert run.invoke(x_command, ["nobody"]).exit_code == 2


def test_library_stats(run: CliRunner) -> None:
    from portal.cli.context import portal_app
    from portal.contributions import ArticleView
    from portal.db import db
    from portal.plugin_host import host

    with portal_app(check_database=False) as app:
        Path(app.config["SETTINGS"].home).mkdir(exist_ok=True)
        db.create_all()
        for number in range(3):
            article = ArticleView(
                number, "faq", f"第 {number} 篇", f"/faq/{number}", published=True
            )
            host().emit("content_changed", article=article)
    assert json.loads(run.invoke(x_command, ["library-stats", "counts", "--json"]).stdout) == {}
    lines = run.invoke(x_command, ["library-stats", "changes", "--limit", "2"]).output.splitlines()
    assert [line.split()[2] for line in lines] == ["/faq/2", "/faq/1"]
