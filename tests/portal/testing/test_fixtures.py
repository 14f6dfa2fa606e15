"""A portal for the tests of a plugin."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.api import ArticleView, PluginContext
from portal.plugin_host import host
from portal.plugin_host.states import Plugin, State
from portal.scaffold.making import Wanted, make
from tests.arch.sources import ROOT

Load = Callable[[Any], Plugin]

SOURCE = """
from pydantic import BaseModel
from portal.api import *
class Config(BaseModel):
    word: str = "一"
manifest = PluginManifest(name="office_move", title="搬家", config=Config)
@hookimpl
def portal_navigation(ctx):
    return [NavigationItem("move", ctx.config.word, "/faq/")]
@hookimpl
def portal_on_content_changed(ctx, article):
    (ctx.data_dir / "seen").write_text(article.title)
"""


@pytest.fixture
def portal_settings() -> Mapping[str, Any]:
    return {"plugins": {"office_move": {"word": "搬家指南"}}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "office_move.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_a_file_is_loaded_with_its_settings(load_plugin: Load, path: Path, client: Any) -> None:
    plugin = load_plugin(path)
    assert plugin.state is State.ACTIVE
    assert plugin.contributions == [("portal_navigation", "move")]
    assert "搬家指南" in client.get("/").text


def test_a_plugin_hears_an_event_before_the_test_goes_on(
    load_plugin: Load,
    path: Path,
    emit: Callable[..., None],
    plugin_ctx: Callable[[str], PluginContext],
) -> None:
    load_plugin(str(path))
    emit("content_changed", article=ArticleView(1, "faq", "题目", "/faq/x", published=True))
    assert (plugin_ctx("office_move").data_dir / "seen").read_text(encoding="utf-8") == "题目"


def test_a_folder_is_loaded_with_its_tables(
    load_plugin: Load, tmp_path: Path, collected: Callable[[str], dict[str, Any]]
) -> None:
    plugin = load_plugin(make(Wanted("office_rooms", "template", with_model=True), tmp_path))
    assert (plugin.state, plugin.problem) == (State.ACTIVE, None)
    assert "office_rooms" in collected("portal_project_templates")


def test_a_broken_plugin_is_told(
    load_plugin: Load, path: Path, plugin_ctx: Callable[[str], PluginContext]
) -> None:
    path.write_text("1 / 0", encoding="utf-8")
    plugin = load_plugin(path)
    assert plugin.state is State.FAILED and plugin.problem is not None
    for name in ("office_move", "nobody"):
        with pytest.raises(AssertionError, match=name):
            plugin_ctx(name)


def test_people_of_every_role(login_as: Callable[..., FlaskClient], client: FlaskClient) -> None:
    assert login_as("admin", "anna").get("/admin/plugins").status_code == 200
    assert login_as("reader").get("/admin/plugins").status_code != 200
    assert client.get("/admin/plugins").status_code != 200


def test_a_plugin_that_is_not_installed_is_found_where_pytest_starts(tmp_path: Path) -> None:
    folder = make(Wanted("office_news", "blank"), tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    environ = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_bundled_plugins_are_there(app: Any) -> None:
    assert {plugin.state for plugin in host().plugins} == {State.ACTIVE}
