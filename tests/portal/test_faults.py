"""When the database is missing, locked or of another structure: words and a next step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal import db as database
from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.db import db, write
from portal.library import service as library
from portal.settings import load


@pytest.mark.parametrize("path", ["/", "/faq/", "/faq/x", "/search?q=x", "/login"])
def test_without_tables_every_page_says_what_to_run(tmp_path: Path, path: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    app = create_app(load({}, home=home, anonymous_read=True))
    app.testing = True
    answer = app.test_client().get(path)
    if path == "/login":
        assert answer.status_code == 200
    else:
        assert answer.status_code == 503
        assert "JS-1003" in answer.text and "portal db upgrade" in answer.text
    app.extensions["plugins"].close()
    with app.app_context():
        db.engine.dispose()


def test_a_locked_database_is_told_and_nothing_is_half_done(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    app = make_app(anonymous_read=True, database_url="")  # PostgreSQL locks rows only
    with app.app_context():
        with write() as session:
            session.add(User(name="author", role=Role.AUTHOR))
        user = db.session.query(User).one()
        space = library.ensure_public_space()
        words = library.Words(title="标题", body="正文")
        revision = library.create(user, kind="faq", slug="x", space_id=space.id, words=words)
        article_id = revision.article_id
        client = app.test_client()
        token = accounts.open_session(user.id, address="", agent="")
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        db.session.rollback()
        settings = app.config["SETTINGS"]
        other = sqlite3.connect(settings.home / "portal.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        form = {"title": "标题", "body": "写了很久的新正文", "slug": "x", "base": "1"}
        try:
            # Readers are not held up by a writer.
            assert client.get("/account").status_code == 200
            answer = client.post(f"/editor/{article_id}", data=form)
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert answer.status_code == 503
        assert "JS-1002" in answer.text
        db.session.rollback()
        assert library.article_by_id(article_id).head_number == 1
