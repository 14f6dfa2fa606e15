"""All bad plugins at once, over every page: no page but their own is lost, and each is named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.cli.worker import BESIDE, FIRST
from portal.db import db, utcnow, write
from portal.jobs import service as jobs
from portal.library import service as library
from portal.notifications import service as notifications
from portal.plugin_host import host
from portal.plugin_host.discovery import BUNDLED
from portal.plugin_host.states import State
from portal.projects import service as projects
from tests.portal.conftest import Browser
from tests.portal.plugins.chaos import CHAOS
from tests.portal.plugins.conftest import Load

BUDGET = 60
"""Milliseconds."""

PAGES = (
    "/faq/how-to",
    "/tags/x",
    "/templates/software_release",
    "/steps/approval",
    "/connectors/csv_folder",
    "/search?q=里程碑",
    "/api/v1/search?q=x",
    "/api/v1/suggest?q=x",
    "/admin/plugins/raises",
    "/admin/plugins/collecting_lies",
    "/editor/1",
    "/projects/1",
)


class Hasty(Browser):
    """Some of these plugins never finish hearing of an event."""

    patience = 0.0


@pytest.fixture
def chaos(
    write_plugin: Callable[..., Path], load: Load, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """A portal with all of them, an article, a project, people."""
    gate = threading.Event()
    monkeypatch.setattr("builtins.gate", gate, raising=False)
    monkeypatch.setattr("portal.plugin_host.collection.PATIENCE", 0.2)
    for name, source in CHAOS.items():
        write_plugin(name, source)
    app = load(plugins_budget_ms=BUDGET)
    app.test_client_class = Hasty
    try:
        with app.app_context():
            fill()
        yield app
    finally:
        gate.set()


def fill() -> None:
    with write() as session:
        people = {role: User(name=f"{role.value}1", role=role) for role in Role}
        session.add_all(people.values())
        session.flush()
        admin = people[Role.ADMIN]
        words = library.Words(title="怎么办", body="# 一\n\n里程碑\n\n## 二\n\n文字", tags=("x",))
        space_id = library.ensure_public_space().id
        article = library.new_article(
            session, kind="faq", slug="how-to", space_id=space_id, owner_id=admin.id
        )
        revision = library.add_revision(session, article, words, None)
        library.publish_revision(session, article, revision)
    projects.start(admin, "software_release", "新版本", date(2026, 11, 24))
    notifications.notify(admin, "有事", "看一看")


def signed_in(app: Flask, role: Role) -> FlaskClient:
    client = app.test_client()
    with app.app_context():
        user = accounts.find(f"{role.value}1")
        assert user is not None
        token = accounts.open_session(user.id, address="", agent="")
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def addresses(app: Flask) -> list[str]:
    """Every address of the portal that needs no argument, and examples of the others."""
    plain = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    }
    return [*sorted(plain), *PAGES]


def test_every_page_stays_up_for_everybody(chaos: Flask) -> None:
    readers = {role.value: signed_in(chaos, role) for role in Role}
    readers["visitor"] = chaos.test_client()
    lost = []
    for name, reader in readers.items():
        for address in addresses(chaos):
            with reader.get(address) as answer:
                if answer.status_code >= 500:
                    lost.append((name, address, answer.status_code))
                if address == "/" or address.startswith("/faq/"):
                    assert answer.status_code == 200, (name, address)
                    assert "kinds-nav" in answer.get_data(as_text=True)
    assert lost == []


def test_each_of_them_is_named(chaos: Flask) -> None:
    for address in addresses(chaos):
        with signed_in(chaos, Role.ADMIN).get(address):
            pass
    with chaos.app_context():
        plugins = {plugin.name: plugin for plugin in host().report()}
        # Printing alone is no fault: it goes to the log.
        silent = {name for name in CHAOS if plugins[name].state is State.ACTIVE}
        assert silent <= {"prints"}
        for name in CHAOS:
            if name not in silent:
                problem = plugins[name].problem
                assert problem is not None and problem.text() and problem.next_step()
        bundled = {dotted.split(".")[1] for dotted in BUNDLED}
        assert {plugins[name].state for name in bundled} == {State.ACTIVE}
        assert "线程" in plugins["spawns"].problem.text()


def test_what_they_print_does_not_reach_standard_output(
    chaos: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    chaos.test_client().get("/")
    with chaos.app_context():
        host().collect_all()
    assert "HERE I AM" not in capsys.readouterr().out


def test_their_own_pages_fail_alone(chaos: Flask) -> None:
    visitor = chaos.test_client()
    for name in ("quits", "raises", "lies", "recurses", "breaks_database"):
        answer = visitor.get(f"/x/{name}/")
        text = answer.get_data(as_text=True)
        if name == "lies":
            assert answer.json == {"not": "what", "was": "promised"}
        else:
            assert answer.status_code == 500 and "kinds-nav" in text and "nope" not in text
    assert visitor.get("/x/shadows/").status_code == 404
    assert visitor.get("/faq/mine").status_code == 404


def test_nobody_is_kept_from_signing_in(chaos: Flask) -> None:
    from portal.accounts import people

    with chaos.app_context():
        user = accounts.find("reader1")
        assert user is not None
        people.set_password(user, "four unrelated words here")
    form = {"name": "reader1", "password": "four unrelated words here"}
    answer = chaos.test_client().post("/login", data=form)
    assert answer.status_code == 302 and answer.headers["Location"] == "/"


def test_the_worker_goes_on(chaos: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with chaos.app_context():
        for duty in (FIRST, *BESIDE):
            duty.work()
            db.session.remove()
        # A day later everything that waited is due.
        jobs.run_due(utcnow() + timedelta(days=1))
        found = db.session.scalar(db.text("SELECT count(*) FROM content_changes"))
        assert found == 0
