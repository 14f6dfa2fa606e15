"""Order, dependencies, ranges read before the import, secrets: before any hook runs."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import deprecations
from portal.accounts import service as accounts
from portal.accounts.models import Role
from portal.api import API_VERSION
from portal.db import db, write
from portal.deprecations import Deprecated, PortalDeprecationWarning
from portal.plugin_host import host, settings_page
from portal.plugin_host.models import PluginSetting
from portal.plugin_host.states import Plugin, State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]
Login = Callable[..., FlaskClient]

ENTRY = (
    "@hookimpl\ndef portal_navigation(ctx):\n    return [NavigationItem(ctx.name, 'x', '/faq/')]\n"
)


def needing(name: str, *others: str, version: str = "1.0") -> str:
    return (
        "from portal.api import *\n"
        f"manifest = PluginManifest(name={name!r}, title='x', version={version!r},"
        f" depends_on={others!r})\n{ENTRY}"
    )


def plugin(name: str) -> Plugin:
    found = host().plugin(name)
    assert found is not None
    return found


def menu() -> list[str]:
    return [
        one.plugin for one in host().collected("portal_navigation") if one.plugin != "work_pages"
    ]


# Order and dependencies --------------------------------------------------------------------------


def test_the_settings_say_who_comes_first(write_plugin: Write, load: Load) -> None:
    for name in ("apple", "mango", "zebra"):
        write_plugin(name, ENTRY)
    with load(plugins_order=("zebra", "mango", "nobody")).app_context():
        assert menu() == ["zebra", "mango", "apple"]
        assert host().plugins[0].name == "zebra"


def test_a_plugin_comes_after_what_it_depends_on(write_plugin: Write, load: Load) -> None:
    write_plugin("apple", needing("apple", "zebra>=1.2", "announcement"), bare=True)
    write_plugin("zebra", needing("zebra", version="1.3"), bare=True)
    with load().app_context():
        assert menu() == ["zebra", "apple"]


@pytest.mark.parametrize(
    ("needs", "state", "says"),
    [
        ("nobody", State.MISCONFIGURED, "nobody"),
        ("zebra>=2", State.INCOMPATIBLE, ">=2"),
        ("broken", State.MISCONFIGURED, "没有载入"),
        ("zebra >> 1", State.FAILED, "depends_on"),
    ],
)
def test_an_unmet_dependency_is_named(
    needs: str, state: State, says: str, write_plugin: Write, load: Load
) -> None:
    write_plugin("apple", needing("apple", needs), bare=True)
    write_plugin("broken", "1 / 0")
    write_plugin("zebra", needing("zebra", version="1.3"), bare=True)
    with load().app_context():
        found = plugin("apple")
        assert found.state is state and found.problem is not None
        assert says in found.problem.text() + found.problem.next_step()
        assert menu() == ["zebra"]


def test_a_circle_is_named(write_plugin: Write, load: Load) -> None:
    write_plugin("apple", needing("apple", "zebra"), bare=True)
    write_plugin("zebra", needing("zebra", "apple"), bare=True)
    with load().app_context():
        assert {plugin("apple").state, plugin("zebra").state} <= {State.FAILED, State.MISCONFIGURED}
        said = [one.problem.text() for one in (plugin("apple"), plugin("zebra")) if one.problem]
        assert any("→" in text for text in said)


def test_switching_off_what_others_need_stops_them_too(write_plugin: Write, load: Load) -> None:
    write_plugin("apple", needing("apple", "zebra"), bare=True)
    write_plugin("zebra", needing("zebra"), bare=True)
    with load().app_context():
        settings_page.switch(None, plugin("zebra"), enabled=False)
        assert plugin("apple").state is State.MISCONFIGURED and menu() == []
        settings_page.switch(None, plugin("zebra"), enabled=True)
        assert menu() == ["zebra", "apple"]


# Before the import -------------------------------------------------------------------------------


def test_a_plugin_for_another_api_is_not_even_imported(write_plugin: Write, load: Load) -> None:
    path = write_plugin(
        "future",
        "import pathlib\npathlib.Path(__file__ + '.ran').touch()\nfrom portal.api import Tomorrow\n"
        "manifest = PluginManifest(name='future', title='x', requires_api='>=7,<8')",
        bare=True,
    )
    with load().app_context():
        found = plugin("future")
        assert found.state is State.INCOMPATIBLE and found.problem is not None
        assert ">=7,<8" in found.problem.text() and API_VERSION in found.problem.text()
    assert not Path(f"{path}.ran").exists()


# Deprecation -------------------------------------------------------------------------------------


def test_a_deprecated_hook_and_argument_warn_at_the_authors_line(
    write_plugin: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Deprecated("1.1", "2.0", "portal_navigation")
    monkeypatch.setitem(deprecations.HOOKS, "portal_navigation", entry)
    monkeypatch.setitem(deprecations.ARGUMENTS, ("portal_on_login", "login"), entry)
    path = write_plugin("old", ENTRY + "\n@hookimpl\ndef portal_on_login(login):\n    pass\n")
    with warnings.catch_warnings(record=True) as caught, load().app_context():
        warnings.simplefilter("always", PortalDeprecationWarning)
        host().reload()
    mine = [one for one in caught if one.filename == str(path)]
    lines = path.read_text("utf-8").splitlines()
    assert {lines[one.lineno - 1].strip() for one in mine} == {"@hookimpl"}
    assert len({one.lineno for one in mine}) == 2
    assert all("use portal_navigation" in str(one.message) for one in mine)


def test_a_deprecated_name_warns_at_the_authors_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import api

    monkeypatch.setitem(deprecations.NAMES, "OldItem", Deprecated("1.1", "2.0", "NavigationItem"))
    with pytest.warns(PortalDeprecationWarning, match="use NavigationItem") as caught:
        old = api.OldItem  # the line that must be named
    assert old is api.NavigationItem
    assert caught[0].filename == __file__
    line = Path(__file__).read_text("utf-8").splitlines()[caught[0].lineno - 1]
    assert "must be named" in line
    with pytest.raises(AttributeError, match="NeverThere"):
        _ = api.NeverThere


# Secrets -----------------------------------------------------------------------------------------

KEEPER = """
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from portal.api import *

class Config(BaseModel):
    model_config = ConfigDict(frozen=True)
    label: str = Field("x", title="名称")
    token: SecretStr = Field(SecretStr(""), title="令牌", min_length=0)
    pin: SecretStr | None = Field(None, title="密码")

manifest = PluginManifest(name="keeper", title="保管", config=Config)
"""


def token() -> str:
    ctx = plugin("keeper").ctx
    assert ctx is not None
    value: str = ctx.config.token.get_secret_value()
    return value


def stored() -> str:
    row = db.session.get(PluginSetting, "keeper")
    return json.dumps([row.config, row.secrets]) if row else ""


@pytest.fixture
def app(write_plugin: Write, load: Load) -> Flask:
    write_plugin("keeper", KEEPER, bare=True)
    return load()


def test_a_secret_is_typed_once_and_never_shown(app: Flask, login_as: Login) -> None:
    with app.app_context():
        admin = login_as(Role.ADMIN)
        form = {"label": "甲", "token": "open sesame"}
        assert admin.post("/admin/plugins/keeper/settings", data=form).status_code == 302
        assert token() == "open sesame"
        page = admin.get("/admin/plugins/keeper").get_data(as_text=True)
        assert "sesame" not in page and "已经设置" in page and "还没有设置" in page
        assert "sesame" not in stored() and stored().count("token") == 1
        audit = [entry.detail for entry in accounts.entries() if entry.action == "plugin.configure"]
        assert audit == [{"keys": ["label", "token"]}]
        # Left empty it stays; the box forgets it.
        admin.post("/admin/plugins/keeper/settings", data={"label": "乙", "token": ""})
        assert token() == "open sesame"
        admin.post("/admin/plugins/keeper/settings", data={"label": "乙", "token-forget": "1"})
        assert token() == "" and "token" not in stored()


def test_a_secret_in_the_file_counts_until_another_is_typed(
    write_plugin: Write, load: Load
) -> None:
    write_plugin("keeper", KEEPER, bare=True)
    with load(plugins={"keeper": {"token": "from file"}}).app_context():
        assert token() == "from file"
        assert settings_page.save(None, plugin("keeper"), {"label": "x", "token": "typed"}) == ()
        assert token() == "typed"
        settings_page.save(None, plugin("keeper"), {"label": "x", "token-forget": "1"})
        assert token() == "from file"


def test_another_secret_key_asks_for_the_secret_again(app: Flask) -> None:
    with app.app_context():
        settings_page.save(None, plugin("keeper"), {"label": "x", "token": "typed"})
        app.config["SECRET_KEY"] = "another one"
        host().reload()
        found = plugin("keeper")
        assert found.state is State.MISCONFIGURED and found.problem is not None
        assert "token" in found.problem.text() and "重新填" in found.problem.next_step()
        assert settings_page.save(None, found, {"label": "x", "token": "again"}) == ()
        assert token() == "again"


def test_a_tampered_secret_does_no_harm(app: Flask) -> None:
    with app.app_context():
        settings_page.save(None, plugin("keeper"), {"label": "x", "token": "typed"})
        with write() as session:
            row = session.get_one(PluginSetting, "keeper")
            row.secrets = {"token": "gibberish", "unheard": "x"}
        host().reload()
        assert plugin("keeper").state is State.MISCONFIGURED


def test_processes_and_threads_may_load_at_once(write_plugin: Write, load: Load) -> None:
    import threading

    for number in range(6):
        write_plugin(f"plugin_{number}", ENTRY + "\n" + "x = {'a': [1, (2, 3)]}\n" * 200)
    apps = [load() for _ in range(4)]
    start, seen, gone = threading.Barrier(len(apps)), [], []

    def work(app: Flask) -> None:
        try:
            with app.app_context():
                start.wait()
                seen.append({one.name: one.state for one in host().plugins})
        except BaseException as error:  # told to the test, whatever it is
            gone.append(error)

    threads = [threading.Thread(target=work, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gone == []
    assert all(states[f"plugin_{n}"] is State.ACTIVE for states in seen for n in range(6))
