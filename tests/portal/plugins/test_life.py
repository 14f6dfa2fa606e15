"""Switches and settings: file, administrator, several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import service as accounts
from portal.accounts.models import Role
from portal.plugin_host import host, settings_page, store
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]
Login = Callable[..., FlaskClient]

GREETER = """
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from portal.api import *

class Config(BaseModel):
    model_config = ConfigDict(frozen=True)
    label: str = Field("你好", min_length=2, title="名称")
    order: int = Field(5, ge=1, le=9)
    path: str = Field("/faq/", json_schema_extra={"operator_only": True})
    password: SecretStr = SecretStr("")

manifest = PluginManifest(name="greeter", title="问候", config=Config)

@hookimpl
def portal_navigation(ctx):
    return [NavigationItem("hello", ctx.config.label, ctx.config.path, order=ctx.config.order)]
"""


def label_of(app: Flask) -> str | None:
    """The greeter's menu entry as a visitor of this process sees it."""
    app.test_client().get("/login")
    with app.app_context():
        return next((i.label for i in host().navigation(None) if i.name == "hello"), None)


def test_a_file_setting_reaches_the_plugin(write_plugin: Write, load: Load) -> None:
    write_plugin("greeter", GREETER, bare=True)
    app = load(plugins={"greeter": {"label": "早上好"}})
    assert label_of(app) == "早上好"


def test_an_administrator_wins_over_the_file(write_plugin: Write, load: Load) -> None:
    write_plugin("greeter", GREETER, bare=True)
    app = load(plugins={"greeter": {"label": "早上好"}})
    with app.app_context():
        store.configure(None, "greeter", {"label": "晚上好"})
    assert label_of(app) == "晚上好"


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        ({"label": "x"}, "label", "至少 2"),
        ({"order": 99}, "order", "不能大于 9"),
        ({"order": "many"}, "order", "整数"),
        ({"lable": "早上好"}, "lable", "改为 label"),
    ],
)
def test_a_bad_setting_is_named(
    settings: dict[str, object], field: str, words: str, write_plugin: Write, load: Load
) -> None:
    write_plugin("greeter", GREETER, bare=True)
    app = load(plugins={"greeter": settings})
    assert label_of(app) is None
    with app.app_context():
        plugin = host().plugin("greeter")
        assert plugin is not None and plugin.state is State.MISCONFIGURED
        assert plugin.problem is not None and plugin.problem.code == "JS-4002"
        said = plugin.problem.text() + plugin.problem.next_step()
        assert field in said and words in said


def test_settings_of_a_plugin_that_has_none(load: Load) -> None:
    with load(plugins={"announcement": {"colour": "red"}}).app_context():
        plugin = host().plugin("announcement")
        assert plugin is not None and plugin.state is State.MISCONFIGURED


def test_a_switch_counts_in_every_process(write_plugin: Write, load: Load) -> None:
    write_plugin("greeter", GREETER, bare=True)
    one, other = load(), load()
    assert label_of(one) == label_of(other) == "你好"
    with one.app_context():
        before = host().fingerprint
        plugin = host().plugin("greeter")
        assert plugin is not None
        settings_page.switch(None, plugin, enabled=False)
        assert host().fingerprint != before
    assert label_of(one) is None
    assert label_of(other) is None
    with other.app_context():
        plugin = host().plugin("greeter")
        assert plugin is not None and plugin.state is State.DISABLED
        settings_page.switch(None, plugin, enabled=True)
    assert label_of(one) == label_of(other) == "你好"


def test_a_disabled_plugin_is_not_imported(write_plugin: Write, load: Load) -> None:
    path = write_plugin("shy", "import pathlib\npathlib.Path(__file__ + '.ran').touch()")
    with load(plugins_disabled=("shy", "announcement")).app_context():
        plugin = host().plugin("shy")
        assert plugin is not None and plugin.state is State.DISABLED
        assert plugin.problem is not None and "plugins_disabled" in plugin.problem.text()
        assert host().content_kinds() == ()
        assert host().problems() == []
    assert not Path(f"{path}.ran").exists()


def test_startup_is_told_once_in_a_process(write_plugin: Write, load: Load) -> None:
    write_plugin(
        "starter",
        """
        @hookimpl
        def portal_on_startup(ctx):
            with (ctx.data_dir / "starts").open("a") as file:
                file.write("x")
        """,
    )
    with load().app_context():
        host().snapshot()
        host().reload()
        assert (host().settings.home / "plugins/starter/starts").read_text() == "x"


def test_the_order_is_bundled_then_files_by_name(write_plugin: Write, load: Load) -> None:
    source = "@hookimpl\ndef portal_navigation(ctx):\n    return [NavigationItem('{0}', 'x', '/x')]"
    for name in ("zebra", "apple", "mango"):
        write_plugin(name, source.format(name))
    with load().app_context():
        names = [one.item.name for one in host().collected("portal_navigation")]
        assert names[-3:] == ["apple", "mango", "zebra"]
        assert names[:-3] == ["projects", "templates", "steps", "connectors"]


def test_an_edited_file_is_read_again(write_plugin: Write, load: Load) -> None:
    write_plugin("greeter", GREETER, bare=True)
    app = load()
    assert label_of(app) == "你好"
    write_plugin("greeter", GREETER.replace("你好", "再会"), bare=True)
    with app.app_context():
        host().reload()
    assert label_of(app) == "再会"


def test_without_a_database_plugins_load(write_plugin: Write, tmp_path: Path) -> None:
    from portal import create_app
    from portal.settings import load as load_settings

    write_plugin("greeter", GREETER, bare=True)
    home = tmp_path / "empty"
    app = create_app(load_settings({}, home=home, plugins_dir=tmp_path / "plugins"))
    app.testing = True
    with app.app_context():
        assert {plugin.state for plugin in host().report()} == {State.ACTIVE}
        host().close()
    assert not (home / "portal.sqlite").exists()


def test_a_database_without_tables_is_no_obstacle(load: Load) -> None:
    from portal.db import db

    app = load()
    with app.app_context():
        db.drop_all()
        host().reload()
        assert {plugin.state for plugin in host().report()} == {State.ACTIVE}


# The administration's pages ----------------------------------------------------------------------


@pytest.fixture
def app(write_plugin: Write, load: Load) -> Iterator[Flask]:
    """A portal with the greeter and a broken plugin; its context is open while the test runs."""
    write_plugin("greeter", GREETER, bare=True)
    write_plugin("broken", "1 / 0")
    write_plugin(
        "half", "@hookimpl\ndef portal_navigation(ctx):\n    raise RuntimeError('<b>oops</b>')"
    )
    app = load()
    with app.app_context():
        yield app


def test_only_administrators_see_the_plugin_pages(login_as: Login, client: FlaskClient) -> None:
    assert client.get("/admin/plugins").status_code == 302
    for role in (Role.READER, Role.PMSO):
        assert login_as(role).get("/admin/plugins").status_code == 404
    assert login_as(Role.ADMIN).get("/admin/plugins").status_code == 200


def test_the_list_names_reason_and_next_step(login_as: Login) -> None:
    page = login_as(Role.ADMIN).get("/admin/plugins").get_data(as_text=True)
    assert "ZeroDivisionError" in page and "没有载入" in page and "停用它" in page
    assert "部分可用" in page
    assert "公告" in page


def test_a_plugin_page_shows_hooks_failures_and_traceback(login_as: Login) -> None:
    admin = login_as(Role.ADMIN)
    page = admin.get("/admin/plugins/half").get_data(as_text=True)
    assert "portal_navigation" in page and "Traceback" in page
    assert "&lt;b&gt;oops&lt;/b&gt;" in page and "<b>oops</b>" not in page
    assert admin.get("/admin/plugins/nobody").status_code == 404


def test_switching_off_and_on(app: Flask, login_as: Login) -> None:
    admin = login_as(Role.ADMIN)
    answer = admin.post("/admin/plugins/greeter/switch", data={"enabled": "0"})
    assert answer.status_code == 302
    assert label_of(app) is None
    assert "启用" in admin.get("/admin/plugins/greeter").get_data(as_text=True)
    admin.post("/admin/plugins/greeter/switch", data={"enabled": "1"})
    assert label_of(app) == "你好"
    actions = [entry.action for entry in accounts.entries()]
    assert actions[:2] == ["plugin.enable", "plugin.disable"]


def test_switching_on_what_cannot_run_says_why(login_as: Login) -> None:
    admin = login_as(Role.ADMIN)
    data = {"enabled": "1"}
    answer = admin.post("/admin/plugins/broken/switch", data=data, follow_redirects=True)
    assert answer.get_data(as_text=True).count("ZeroDivisionError") >= 2


def test_settings_are_saved_and_only_what_differs(app: Flask, login_as: Login) -> None:
    admin = login_as(Role.ADMIN)
    form = {"label": "晚上好", "order": "5", "path": "/evil", "password": "leaked"}
    assert admin.post("/admin/plugins/greeter/settings", data=form).status_code == 302
    assert label_of(app) == "晚上好"
    # The order is the default's, the path is the operator's, a secret is never stored.
    assert store.decisions()["greeter"].config == {"label": "晚上好"}


def test_a_refused_form_comes_back_as_typed(app: Flask, login_as: Login) -> None:
    admin = login_as(Role.ADMIN)
    answer = admin.post("/admin/plugins/greeter/settings", data={"label": "x", "order": "12"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert 'value="12"' in page and "不能大于 9" in page and "至少 2 个字" in page
    assert label_of(app) == "你好"


def test_a_secret_is_never_shown(write_plugin: Write, load: Load) -> None:
    write_plugin("greeter", GREETER, bare=True)
    app = load(plugins={"greeter": {"password": "open sesame"}})
    with app.app_context():
        plugin = host().plugin("greeter")
        assert plugin is not None and plugin.state is State.ACTIVE
        assert all("sesame" not in field.value for field in settings_page.fields_of(plugin))
