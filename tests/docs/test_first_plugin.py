"""The tutorial, done as it says: its plugin works, and its own tests pass."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from portal.cli.plugins import command
from portal.plugin_host.states import Plugin, State
from tests.docs.conftest import PAGES

TEXT = (PAGES / "first-plugin.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", TEXT, re.S | re.M)


@pytest.fixture
def hello(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder after every step of the page."""
    monkeypatch.chdir(tmp_path)
    [typed] = re.findall(r"^portal plugins (new .*)$", TEXT, re.M)
    made = CliRunner().invoke(command, typed.split())
    assert made.exit_code == 0, made.output
    for place, text in BLOCKS:
        path = tmp_path / "hello" / place
        # What it says to replace is there; what it says is new is not.
        replaced = f"Replace `{place}`" in TEXT
        assert path.is_file() == replaced, place
        path.write_text(text, encoding="utf-8")
    return tmp_path / "hello"


def test_all_its_python_is_checked_here() -> None:
    assert {place for place, _text in BLOCKS} >= {"hello/plugin.py", "tests/test_hello.py"}
    assert re.findall(r"^```python$", TEXT, re.M) == []


def test_the_files_it_shows_are_there(hello: Path) -> None:
    [tree] = re.findall(r"^hello/\n((?:  .*\n)+)", TEXT, re.M)
    for line in tree.splitlines():
        assert (hello / line.split()[0]).exists(), line


def test_the_check_finds_nothing(hello: Path) -> None:
    done = CliRunner().invoke(command, ["check", str(hello)])
    assert (done.exit_code, done.output) == (0, "没有发现问题\n")


def test_the_check_names_the_hook_that_was_meant(hello: Path) -> None:
    path = hello / "hello" / "plugin.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("def portal_dashboard_widgets", "def portal_dashboard_widget"))
    done = CliRunner().invoke(command, ["check", str(hello)])
    assert done.exit_code == 1
    assert "portal_dashboard_widgets" in done.output


def test_card_and_page_appear(
    hello: Path,
    load_plugin: Callable[[Path], Plugin],
    client: FlaskClient,
    login_as: Callable[..., FlaskClient],
) -> None:
    plugin = load_plugin(hello)
    assert (plugin.state, plugin.failures) == (State.ACTIVE, [])
    anna = login_as("reader", "anna")
    home = anna.get("/").text
    assert "你好，Anna！" in home and 'href="/x/hello/"' in home
    assert "新文章一览" in anna.get("/x/hello/").text
    assert client.get("/x/hello/").status_code == 302


def test_broken_as_it_says_the_home_page_stays(
    hello: Path, load_plugin: Callable[[Path], Plugin], client: FlaskClient
) -> None:
    path = hello / "hello" / "plugin.py"
    text = path.read_text(encoding="utf-8")
    broken = text.replace("    config: Config = ctx.config\n", '    raise RuntimeError("oh")\n')
    path.write_text(broken, encoding="utf-8")
    plugin = load_plugin(hello)
    answer = client.get("/")
    assert answer.status_code == 200 and "这张卡片暂时用不了" in answer.text
    assert plugin.state is State.DEGRADED and "oh" in plugin.failures[0].traceback


def test_its_own_tests_pass(hello: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=hello, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
