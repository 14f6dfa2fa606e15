"""「解决了 / 没解决」: one voice each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Role
from portal.db import db, write
from portal.library import service as library
from portal.library.models import Feedback


@pytest.fixture
def article_id(app: Flask) -> int:
    """A published article."""
    with write() as session:
        article = library.new_article(
            session,
            kind="faq",
            slug="x",
            space_id=library.ensure_public_space().id,
            owner_id=None,
        )
        revision = library.add_revision(session, article, library.Words(title="题"), None)
        library.publish_revision(session, article, revision)
    return article.id


def rows() -> list[tuple[bool, str, str]]:
    # The request has written in a session of its own.
    db.session.rollback()
    found = db.session.scalars(select(Feedback).order_by(Feedback.id))
    return [(row.solved, row.reason, row.text) for row in found]


def test_a_visitor_counts_once(client: FlaskClient, article_id: int) -> None:
    for solved in ("1", "1", "0"):
        answer = client.post(f"/feedback/{article_id}", data={"solved": solved})
        assert answer.status_code == 303 and answer.headers["Location"] == "/faq/x"
    assert rows() == [(False, "", "")]
    client.post(
        f"/feedback/{article_id}",
        data={"solved": "0", "reason": "unclear", "text": " 第二步没看懂 "},
    )
    assert rows() == [(False, "unclear", "第二步没看懂")]


def test_two_visitors_are_two(app: Flask, article_id: int) -> None:
    for _ in range(2):
        app.test_client().post(f"/feedback/{article_id}", data={"solved": "1"})
    assert len(rows()) == 2


def test_scripts_get_json(client: FlaskClient, article_id: int) -> None:
    answer = client.post(
        f"/feedback/{article_id}", data={"solved": "1"}, headers={"Accept": "application/json"}
    )
    assert answer.get_json() == {"solved": True, "counts": {"solved": 1, "unsolved": 0}}


def test_a_user_counts_once_in_every_browser(
    article_id: int, login_as: Callable[..., FlaskClient]
) -> None:
    browser = login_as(Role.READER)
    browser.post(f"/feedback/{article_id}", data={"solved": "1"})
    browser.delete_cookie("visitor")
    browser.post(f"/feedback/{article_id}", data={"solved": "0"})
    assert rows() == [(False, "", "")]
    assert "记下了" in browser.get("/faq/x").text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 400),
        ({"solved": "maybe"}, 400),
        ({"solved": "1", "reason": "unclear"}, 303),
        ({"solved": "0", "reason": "no such reason", "text": "长" * 5000}, 303),
    ],
)
def test_bad_input(client: FlaskClient, article_id: int, data: dict[str, str], status: int) -> None:
    assert client.post(f"/feedback/{article_id}", data=data).status_code == status
    for _solved, reason, text in rows():
        assert not reason and len(text) <= 1000


def test_what_one_cannot_read_one_cannot_judge(client: FlaskClient, article_id: int) -> None:
    assert client.post("/feedback/999", data={"solved": "1"}).status_code == 404
    with write():
        library.article_by_id(article_id).space.public = False
    assert client.post(f"/feedback/{article_id}", data={"solved": "1"}).status_code == 404
    assert not rows()


def test_tokens_are_asked_of_users_only(
    app: Flask, client: FlaskClient, article_id: int, login_as: Callable[..., FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(f"/feedback/{article_id}", data={"solved": "1"}).status_code == 303
    browser = login_as(Role.READER)
    assert browser.post(f"/feedback/{article_id}", data={"solved": "1"}).status_code == 400
    assert len(rows()) == 1
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = client.post(f"/feedback/{article_id}", data={"solved": "1"}, headers=elsewhere)
    assert answer.status_code in (403, 404)
