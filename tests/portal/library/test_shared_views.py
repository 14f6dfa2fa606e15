"""Pages shared by signed-in readers: each gets his own name, token and nonce, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.db import write
from portal.library import service as library
from portal.library import shared_views
from portal.library.models import Article, Space
from portal.library.shared_views import Shape

Put = Callable[..., Article]
Login = Callable[..., FlaskClient]


@pytest.fixture
def cuts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names for whom a page was really rendered."""
    made: list[str] = []
    real = shared_views._cut

    def cut(user: User, template: str, context: dict[str, object]) -> Shape:
        made.append(user.name)
        return real(user, template, context)

    monkeypatch.setattr(shared_views, "_cut", cut)
    return made


def test_two_readers_share_a_page_but_not_their_names(
    put: Put, login_as: Login, cuts: list[str]
) -> None:
    put("x")
    one, two = login_as(Role.READER, "zhang"), login_as(Role.READER, "wang")
    first, second = one.get("/faq/x"), two.get("/faq/x")
    assert cuts == ["zhang"]
    assert "Zhang" in first.text and "Wang" not in first.text
    assert "Wang" in second.text and "Zhang" not in second.text
    for answer in (first, second):
        nonces = set(re.findall(r'nonce="([^"]*)"', answer.text))
        assert len(nonces) == 1
        assert f"'nonce-{nonces.pop()}'" in answer.headers["Content-Security-Policy"]
    tokens = [re.findall(r'csrf_token" value="([^"]*)"', a.text) for a in (first, second)]
    assert all(len(set(found)) == 1 and found[0] for found in tokens)
    assert tokens[0][0] != tokens[1][0]


def test_tokens_in_shared_views_are_good(put: Put, login_as: Login, app: object) -> None:
    article = put("x")
    browsers = [login_as(Role.READER, name) for name in ("zhang", "wang")]
    for browser in browsers:
        browser.application.config["WTF_CSRF_ENABLED"] = True
        token = re.findall(r'csrf_token" value="([^"]*)"', browser.get("/faq/x").text)[0]
        answer = browser.post(f"/feedback/{article.id}", data={"solved": "1", "csrf_token": token})
        assert answer.status_code == 303


def test_names_are_escaped(put: Put, login_as: Login) -> None:
    put("x")
    browser = login_as(Role.READER, '"><script>alert(1)</script>')
    assert "<script>alert" not in browser.get("/faq/x").text.lower()


def test_roles_rights_and_answers_have_pages_of_their_own(
    put: Put, login_as: Login, space: Callable[..., Space], cuts: list[str]
) -> None:
    article = put("x", tags=("计划",))
    reader, reviewer = login_as(Role.READER, "zhang"), login_as(Role.REVIEWER, "wang")
    assert "/editor/" in reviewer.get("/faq/x").text
    assert "/editor/" not in reader.get("/faq/x").text
    reader.post(f"/feedback/{article.id}", data={"solved": "1"})
    reader.get("/faq/x")
    again = login_as(Role.READER, "zhao").get("/faq/x").text
    assert "解决您的问题了吗" in again and "解决您的问题了吗" not in reader.get("/faq/x").text


def test_readers_of_more_spaces_see_more_relations(
    put: Put, login_as: Login, space: Callable[..., Space]
) -> None:
    put("x", tags=("计划",))
    closed = space("closed", role=Role.AUTHOR)
    put("inside", tags=("计划",), space=closed)
    assert "题目 inside" in login_as(Role.AUTHOR).get("/faq/x").text
    assert "题目 inside" not in login_as(Role.READER, "zhang").get("/faq/x").text
    with write():
        closed.readers.clear()
    assert "题目 inside" not in login_as(Role.AUTHOR, "wang").get("/faq/x").text


def test_a_message_is_for_one_reader_once(put: Put, login_as: Login) -> None:
    put("x")
    one, two = login_as(Role.READER, "zhang"), login_as(Role.READER, "wang")
    with one.session_transaction() as session:
        session["_flashes"] = [("good", "只给你看")]
    assert "只给你看" in one.get("/faq/x").text
    assert "只给你看" not in two.get("/faq/x").text
    assert "只给你看" not in one.get("/faq/x").text


def test_publishing_is_seen_at_once(put: Put, login_as: Login, author: User) -> None:
    article = put("x", body="旧的话", owner=author)
    browser = login_as(Role.READER)
    assert "旧的话" in browser.get("/faq/x").text
    library.save_draft(author, article.id, 1, library.Words(title="题", body="新的话"))
    library.publish(author, article.id, 2)
    assert "新的话" in browser.get("/faq/x").text
