"""A portal of its own for every test: a fresh home, a fresh database, no plugins from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import close_all_sessions
from werkzeug.test import TestResponse

from portal import create_app
from portal.accounts.models import Role, User
from portal.db import db, write
from portal.library.models import Space
from portal.settings import load
from tests.portal.databases import ON_POSTGRESQL, Postgres, postgres_server


class Browser(FlaskClient):
    """A client whose every request has a context of its own, as on a server.

    Flask would reuse the test's context, and with it whatever ``g`` remembers of earlier requests.
    """

    patience = 5.0
    """Seconds to wait for plugins that are told of something."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        # Plugins are told of events in threads of their own; a test looks at what came of it.
        self.application.extensions["plugins"].settle(self.patience)
        # The test's own session must not go on seeing the database as it was before.
        if has_app_context():
            db.session.rollback()
        return answer


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server for this test process."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of this test; empty for SQLite in the test's home."""
    if not ON_POSTGRESQL:
        yield ""
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def make_app(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Flask]]:
    """Build a portal in this test's home; keyword arguments are settings."""
    apps: list[Flask] = []

    def make(**overrides: object) -> Flask:
        # A busy machine must not make a plugin look slow: tests of the budget set one of their own.
        overrides = {"database_url": database_url, "plugins_budget_ms": 20_000, **overrides}
        settings = load({}, home=tmp_path / "home", **overrides)
        settings.home.mkdir(parents=True, exist_ok=True)
        app = create_app(settings)
        app.testing = True
        app.test_client_class = Browser
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            db.create_all()
            with write() as session:
                if not session.query(Space).count():
                    session.add(Space(slug="public", name="公共", public=True))
        apps.append(app)
        return app

    yield make
    for app in apps:
        app.extensions["plugins"].close(60)
    # Sessions of contexts that a test left open would keep their connections beyond the engine.
    close_all_sessions()
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """A portal open to all readers, inside its application context."""
    app = make_app(anonymous_read=True)
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser."""
    return app.test_client()


@pytest.fixture
def make_user(app: Flask) -> Callable[..., User]:
    """Add a user with a role; gives the User."""

    def make(name: str = "anna", role: Role = Role.READER, **fields: object) -> User:
        with write() as session:
            user = User(name=name, display_name=name.title(), role=role, **fields)
            session.add(user)
        return user

    return make


@pytest.fixture
def login_as(app: Flask, make_user: Callable[..., User]) -> Callable[..., FlaskClient]:
    """A browser signed in as a new user with this role."""
    from portal.accounts import service

    def login(role: Role | str = Role.READER, name: str = "") -> FlaskClient:
        role = Role(role)
        user = make_user(name or f"{role.value}1", role)
        client = app.test_client()
        token = service.open_session(user.id, address="127.0.0.1", agent="test")
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return login
