"""Two plugins that are no part of this project: built, installed, used, and taken away again.

`guestbook` has a model, migrations, pages, a card and a step; `rest_connector` reads another
system over HTTP. Both are distributions of their own (tests/fixtures); the portal knows nothing of
them but what pip has installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from bench.serving import PATIENCE, PortalHome
from portal.settings import load
from portal.testing import RecordingServer
from tests.outside.browsing import Browser
from tests.outside.overlay import Overlay, copied
from tests.portal.databases import postgres_server

NAMES = ("guestbook", "rest_connector")
DISTRIBUTIONS = ("jinshi-plugin-guestbook", "jinshi-plugin-rest-connector")
BOOK, SETTINGS = "/x/guestbook/", "/admin/plugins/guestbook"
ORDERS = "/connectors/rest_orders"
PROJECT = "/projects/1"
PLACES = (
    *("/", "/faq/", "/search?q=WBS", "/templates", "/projects", PROJECT, "/steps"),
    *("/connectors", "/reports", "/admin/plugins", "/admin/hooks", "/healthz"),
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Name → folder of each distribution."""
    place = tmp_path_factory.mktemp("sources")
    return {name: copied(name, place) for name in NAMES}


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    """One environment for everything here."""
    return Overlay(tmp_path_factory.mktemp("overlay"))


@pytest.fixture(scope="module")
def wheels(overlay: Overlay, sources: Mapping[str, Path]) -> list[Path]:
    """A wheel of each distribution."""
    return overlay.wheels(sources.values())


@pytest.fixture
def installed(overlay: Overlay, wheels: list[Path]) -> Iterator[Overlay]:
    """Both are installed, whatever other tests have done."""
    overlay.install(wheels)
    yield overlay
    overlay.uninstall(*DISTRIBUTIONS)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database; no URL: SQLite in the portal's home."""
    if request.param == "sqlite":
        yield ""
        return
    with postgres_server() as server, server.database() as url:
        yield url


@pytest.fixture
def home(installed: Overlay, database: str, tmp_path: Path) -> PortalHome:
    """A portal's home, worked on from the environment with the plugins; nothing is in it yet."""
    settings = {"anonymous_read": "true", "plugins_budget_ms": "20000"}
    if database:
        settings["database_url"] = database
    home = PortalHome(tmp_path / "portal", settings, source=False)
    home.command = [str(installed.python), "-m", "portal.cli"]
    home.environ["no_proxy"] = "127.0.0.1"
    return home


@pytest.fixture
def other_system() -> Iterator[RecordingServer]:
    """The system that the connector reads."""
    server = RecordingServer()
    yield server
    server.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something a running portal does in its own time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def plugins(home: PortalHome) -> dict[str, dict[str, Any]]:
    """Name of each of ours → what ``portal plugins list`` says."""
    rows = json.loads(home.run("plugins", "list", "--json"))
    return {row["name"]: row for row in rows if row["name"] in NAMES}


def tables(home: PortalHome, database: str) -> set[str]:
    """The plugins' tables in the database, version tables included."""
    place = Path(home.environ["PORTAL_HOME"])
    engine = create_engine(load({}, home=place, database_url=database).database)
    names = inspect(engine).get_table_names()
    engine.dispose()
    return {name for name in names if "plugin_guestbook" in name}


# Looked over before anybody installs them -----------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_portal_finds_nothing_wrong_with_it(
    name: str, overlay: Overlay, sources: Mapping[str, Path], tmp_path: Path
) -> None:
    home = PortalHome(tmp_path, source=False)
    home.command = [str(overlay.python), "-m", "portal.cli"]
    checked = json.loads(home.run("plugins", "check", str(sources[name]), "--json"))
    assert checked == {"plugin": name, "errors": 0, "advice": 0, "findings": []}


@pytest.mark.parametrize("name", NAMES)
def test_its_own_tests_pass_where_it_is_installed(
    name: str, installed: Overlay, sources: Mapping[str, Path], tmp_path: Path
) -> None:
    """Contracts of steps and connectors and `assert_conforms` among them."""
    command = [str(installed.python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environ = {name: text for name, text in os.environ.items() if not name.startswith("P")}
    environ |= {"PATH": os.environ["PATH"], "PORTAL_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        command, cwd=sources[name], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout + done.stderr


# Installed, used, removed ---------------------------------------------------------------------


def test_a_life_from_pip_install_to_purge(
    home: PortalHome, database: str, installed: Overlay, other_system: RecordingServer
) -> None:
    home.run("init", "--no-content")
    home.add_user("root", "admin")
    home.add_user("rita", "reader")

    arrives(home)
    assert len(tables(home, database)) == 3
    with home.serving() as server:
        visitor, admin = Browser(server.port), Browser(server.port, "root")
        rita = Browser(server.port, "rita")
        is_written_in(visitor, admin, rita)
        signs_for_a_project(admin)
        reads_another_system(admin, other_system)
        goes_and_comes_while_the_portal_runs(home, admin, rita)
    is_looked_at_by_the_doctor(home)

    installed.uninstall(*DISTRIBUTIONS)
    with home.serving() as server:
        admin = Browser(server.port, "root")
        found = {place: admin.get(place) for place in PLACES}
        assert {place: page.status for place, page in found.items()} == dict.fromkeys(PLACES, 200)
        assert "guestbook" not in found["/admin/plugins"].said
        assert admin.get(BOOK).status == admin.get(ORDERS).status == 404
        assert "再签一笔 做完了" in found[PROJECT].said
    leaves_the_portals_own_tables_alone(home)
    leaves_nothing_behind(home, database)


def arrives(home: PortalHome) -> None:
    """Found where pip has put them; the tables are made when the operator says so."""
    found = plugins(home)
    assert {name: (row["source"], row["state"]) for name, row in found.items()} == {
        "guestbook": ("installed", "misconfigured"),
        "rest_connector": ("installed", "active"),
    }
    book = found["guestbook"]
    assert book["code"] == "JS-1003" and "还没有建" in book["reason"]
    assert book["next_step"] == "运行 portal db upgrade --plugin guestbook"
    assert book["origin"] == "jinshi-plugin-guestbook 1.2.0"
    said = home.run("doctor", fine=(1,))
    assert "运行 portal db upgrade --plugin guestbook" in said and "1 个问题" in said

    assert "空 → 0002" in home.run("db", "upgrade", "--plugin", "guestbook")
    assert "0002 → 0001" in home.run("db", "downgrade", "-1", "--plugin", "guestbook", "--yes")
    assert "guestbook 的数据表：0001 → 0002" in home.run("db", "upgrade")
    assert "模型与数据库一致" in home.run("db", "check", "--plugin", "guestbook")
    assert {row["state"] for row in plugins(home).values()} == {"active"}


def is_written_in(visitor: Browser, admin: Browser, rita: Browser) -> None:
    """The page: shut to visitors, its form protected, what is typed escaped; and the card."""
    refused = visitor.get(BOOK)
    assert refused.status == 302 and refused.location.startswith("/login")
    assert "还没有人留言" in rita.get(BOOK).said
    assert 'name="text"' not in rita.get(BOOK).text
    assert admin.send(BOOK, {"text": "没有令牌"}).status == 400
    assert rita.send(BOOK, {"text": "没有权限"}).status in (400, 403, 404)

    assert admin.post(BOOK, {"text": "<b>第一次</b> 来"}).status == 302
    page = rita.get(BOOK)
    assert "&lt;b&gt;第一次&lt;/b&gt; 来" in page.text and "<b>第一次" not in page.text
    assert "没有令牌" not in page.text and "没有权限" not in page.text
    [style] = re.findall(r'href="(/x/guestbook/static/book\.css\?v=\w+)"', page.text)
    assert ".guestbook-entries" in rita.get(style).text

    card = rita.get("/")
    assert "&lt;b&gt;第一次&lt;/b&gt; 来" in card.text and f'href="{BOOK}"' in card.text
    assert "第一次" not in visitor.get("/").text


def signs_for_a_project(admin: Browser) -> None:
    """The step: it runs as soon as it is its turn, and what it wrote is on the project's page."""
    started = admin.post(
        "/templates/software_release/start",
        {"title": "门户 <上线>", "start": "2026-03-02"},
        form="/templates/software_release",
    )
    assert (started.status, started.location) == (302, PROJECT)
    assert "签留言簿" in admin.get(PROJECT).said
    wrong = admin.post(f"{PROJECT}/steps/new/sign", {"words": "{boss} 知道了"})
    assert wrong.status == 400 and "花括号里只能写 project 或 tasks" in wrong.said
    assert add_step(admin, "签一笔", "{project} 立项了") == 302
    page = admin.get(PROJECT)
    assert "签一笔 做完了 签好了" in page.said
    assert "留言簿上写着 门户 <上线> 立项了" in page.said and "<上线>" not in page.text
    assert "门户 <上线> 立项了" in admin.get("/").said


def add_step(admin: Browser, title: str, words: str) -> int:
    """Put a step at the end of the project; gives the status."""
    return admin.post(f"{PROJECT}/steps/new/sign", {"step-title": title, "words": words}).status


def reads_another_system(admin: Browser, other_system: RecordingServer) -> None:
    """The connector: set up, checked, read; then only what is new; then the other side is down."""
    old = {"no": "PO-1", "item": "轴承", "amount": 1200, "updated": "2026-03-02T09:00:00Z"}
    new = {"no": "PO-2", "item": "电机", "amount": 900, "updated": "2026-03-05T09:00:00Z"}
    other_system.answer("/api/orders", {"items": [old]})
    address = other_system.url("/api")
    refused = admin.post(ORDERS, {"address": "ftp://erp", "timeout": "5"})
    assert refused.status == 400 and "格式不对" in refused.said
    given = {"address": address, "timeout": "20", "token": "t0ken"}
    assert admin.post(ORDERS, given).status == 302
    assert "t0ken" not in admin.get(ORDERS).text
    assert admin.post(f"{ORDERS}/check", {}, form=ORDERS).status == 302
    assert "检查通过" in admin.get(ORDERS).said

    assert admin.post(f"{ORDERS}/read", {}, form=ORDERS).status == 302
    assert "读成了，收到 1 行" in (page := admin.get(ORDERS).said) and "PO-1 轴承 1200" in page
    other_system.forget("/api/orders")
    other_system.answer("/api/orders", {"items": [new]})
    admin.post(f"{ORDERS}/read", {}, form=ORDERS)
    page = admin.get(ORDERS).said
    assert "PO-1 轴承" in page and "PO-2 电机" in page
    asked = [request.query.get("updated_after", "") for request in other_system.requests]
    assert asked == ["", "", old["updated"]]
    assert {one.headers["authorization"] for one in other_system.requests} == {"Bearer t0ken"}

    other_system.forget("/api/orders")
    other_system.answer("/api/orders", status=403)
    admin.post(f"{ORDERS}/read", {}, form=ORDERS)
    page = admin.get(ORDERS).said
    assert "JS-4003 对方不认令牌（HTTP 403） → 请对方给一个新令牌" in page
    assert "上次成功的数据" in page and "PO-2 电机" in page


def goes_and_comes_while_the_portal_runs(home: PortalHome, admin: Browser, rita: Browser) -> None:
    """Switched off by command: page, card and step kind are gone; switched on: all is back."""
    configure(admin, {"closed": "1", "full_at": "5000"})
    until(lambda: 'name="text"' not in admin.get(BOOK).text)
    assert add_step(admin, "再签一笔", "{project} 上线了") == 302
    assert "再签一笔 等着再试" in admin.get(PROJECT).said

    assert "已停用" in home.run("plugins", "disable", "guestbook")
    until(lambda: rita.get(BOOK).status == 404)
    assert BOOK not in rita.get("/").text
    page = admin.get(PROJECT)
    assert "没有安装步骤种类 sign" in page.said and "到插件页启用提供它的插件" in page.said
    assert "留言簿上写着" not in page.said and "签一笔 做完了" in page.said
    assert admin.get(f"{PROJECT}/steps/new/sign").status == 404

    assert "正常" in home.run("plugins", "enable", "guestbook")
    until(lambda: rita.get(BOOK).status == 200)
    assert "第一次" in rita.get(BOOK).said and f'href="{BOOK}"' in rita.get("/").text
    configure(admin, {"full_at": "2"})
    until(lambda: 'name="text"' in admin.get(BOOK).text)
    # The worker has seen the kind come back as well, maybe before the book was opened.
    step = re.findall(r'id="step-(\d+)"', admin.get(PROJECT).text)[-1]
    until(lambda: is_signed_after_a_retry(admin, step))
    page = admin.get(PROJECT)
    assert "没有安装" not in page.said
    assert "门户 <上线> 上线了" in page.said


def is_signed_after_a_retry(admin: Browser, step: str) -> bool:
    """Press the button; a step that is done already does not mind."""
    assert admin.post(f"{PROJECT}/steps/{step}/retry", {}, form=PROJECT).status == 302
    return "再签一笔 做完了" in admin.get(PROJECT).said


def configure(admin: Browser, fields: dict[str, str]) -> None:
    """Send the plugin's form of settings."""
    assert admin.post(f"{SETTINGS}/settings", fields, form=SETTINGS).status == 302


def is_looked_at_by_the_doctor(home: PortalHome) -> None:
    """The plugin's own check: three entries are more than the two that were set."""
    said = home.run("doctor", fine=(1,))
    assert "留言簿里有 3 条留言" in said and "清理旧的留言" in said and "1 个问题" in said


def leaves_the_portals_own_tables_alone(home: PortalHome) -> None:
    """With the plugin gone and its tables still there, the portal's own come and go as ever."""
    home.run("db", "downgrade", "-1", "--yes")
    home.run("db", "upgrade")
    assert "模型与数据库一致" in home.run("db", "check")


def leaves_nothing_behind(home: PortalHome, database: str) -> None:
    """Tables, version table and settings go when the operator says so."""
    assert len(tables(home, database)) == 3
    said = home.run("plugins", "purge", "guestbook", "--yes")
    assert "plugin_guestbook__entries（3 行）" in said
    assert "plugin_guestbook__signatures（2 行）" in said
    assert "数据表的版本记录" in said and "在门户里存的设置" in said
    assert tables(home, database) == set()
    assert "没有留下任何东西" in home.run("plugins", "purge", "guestbook", "--yes")
    assert "一切正常" in home.run("doctor")
