"""A portal for each test, with the plugin under test in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import close_all_sessions
from werkzeug.test import TestResponse

from portal import create_app
from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.api import PluginContext
from portal.db import db, write
from portal.library.models import Space
from portal.plugin_host import host
from portal.plugin_host.discovery import GROUP
from portal.plugin_host.states import Plugin
from portal.scaffold.subject import Subject, brought, entry_points_of, subject_at
from portal.scaffold.tables import bring_up
from portal.scaffold.trial import SETTLE_SECONDS, others, plugin_of
from portal.settings import load
from portal.testing.conforming import Given, subject_of


class Browser(FlaskClient):
    """A client whose every request has a context of its own, as on a server."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
            # Plugins are told of events in threads of their own; a test looks at what came of it.
            host().settle()
        # The test's own session must not go on seeing the database as it was before.
        if has_app_context():
            db.session.rollback()
        return answer


@pytest.fixture
def portal_settings() -> Mapping[str, Any]:
    """Settings of the portal; override it: ``{"plugins": {"NAME": {"server": "…"}}}``."""
    return {}


@pytest.fixture
def app(
    request: pytest.FixtureRequest, tmp_path: Path, portal_settings: Mapping[str, Any]
) -> Iterator[Flask]:
    """A portal in this test's folder, inside its application context.

    The bundled plugins are in it, and the plugin whose ``pyproject.toml`` lies where pytest was
    started; where there is none, every installed plugin.
    """
    project = request.config.rootpath
    with ExitStack() as stack:
        declared = entry_points_of(project)
        if declared and not set(declared) <= {point.name for point in entry_points(group=GROUP)}:
            stack.enter_context(brought(subject_at(project), keep=True))
        left_out = set.intersection(*(set(others(name)) for name in declared)) if declared else ()
        settings = load(
            {},
            home=tmp_path / "home",
            **{
                "anonymous_read": True,
                "plugins_disabled": tuple(left_out),
                # A busy machine must not make a plugin look slow.
                "plugins_budget_ms": 20_000,
                **portal_settings,
            },
        )
        settings.home.mkdir(parents=True, exist_ok=True)
        app = create_app(settings)
        app.testing = True
        app.test_client_class = Browser
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            db.create_all()
            with write() as session:
                session.add(Space(slug="public", name="公共", public=True))
            if bring_up(host().plugins):
                host().reload()
            yield app
            host().close(SETTLE_SECONDS)
            # Sessions of contexts that were left open would keep their connections.
            close_all_sessions()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser."""
    return app.test_client()


@pytest.fixture
def login_as(app: Flask) -> Callable[..., FlaskClient]:
    """A browser signed in as a new user: ``login_as("author")``, ``login_as("admin", "anna")``."""

    def login(role: str = "reader", name: str = "") -> FlaskClient:
        login_name = name or f"{role}1"
        with write() as session:
            user = User(name=login_name, display_name=login_name.title(), role=Role(role))
            session.add(user)
        browser = app.test_client()
        token = accounts.open_session(user.id, address="127.0.0.1", agent="test")
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return browser

    return login


@pytest.fixture
def load_plugin(app: Flask) -> Iterator[Callable[[Given], Plugin]]:
    """Load one more plugin: ``load_plugin("my_plugin.plugin")``, a module, a file or a folder.

    Gives it as the host has it, after everything was collected: ``state``, ``problem``,
    ``failures``, ``contributions``.
    """
    with ExitStack() as stack:

        def loaded(plugin: Given) -> Plugin:
            subject: Subject = subject_of(plugin)
            stack.enter_context(brought(subject))
            host().reload()
            if bring_up((plugin_of(subject),)):
                host().reload()
            host().collect_all()
            return plugin_of(subject)

        yield loaded


@pytest.fixture
def plugin_ctx(app: Flask) -> Callable[[str], PluginContext]:
    """The context a plugin's hooks are given: ``plugin_ctx("my_plugin")``."""

    def found(name: str) -> PluginContext:
        plugin = host().plugin(name)
        if plugin is None:
            raise AssertionError(f"没有名为 {name} 的插件")
        if plugin.ctx is None:
            raise AssertionError(f"插件 {name} 没有载入：{plugin.problem}")
        return plugin.ctx

    return found


@pytest.fixture
def collected(app: Flask) -> Callable[[str], dict[str, Any]]:
    """What the plugins add: ``collected("portal_project_templates")["office_move"]``."""
    return lambda hook: {one.item.name: one.item for one in host().collected(hook)}


@pytest.fixture
def emit(app: Flask) -> Callable[..., None]:
    """Tell the plugins of an event and wait until they have heard it.

    ``emit("content_changed", article=ArticleView(…))`` runs ``portal_on_content_changed``.
    """

    def told(event: str, **arguments: object) -> None:
        host().emit(event, **arguments)
        host().settle()

    return told
