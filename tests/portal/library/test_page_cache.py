"""Kept pages: right for whoever asks, old the moment something changes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import Role, User
from portal.library import reading
from portal.library import service as library
from portal.library.models import Article
from portal.library.packed import Packed

Put = Callable[..., Article]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slugs of the pages that were really looked up."""
    calls: list[str] = []
    real = reading.read

    def read(user: User | None, kind: str, slug: str) -> object:
        calls.append(slug)
        return real(user, kind, slug)

    monkeypatch.setattr(library, "read", read)
    return calls


def nonce_of(answer: object) -> str:
    header = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    found = re.search(r"'nonce-([\w-]+)'", header)
    assert found
    return found[1]


def test_a_page_is_made_once_and_each_answer_has_its_own_nonce(
    client: FlaskClient, put: Put, made: list[str]
) -> None:
    put("x")
    first, second = client.get("/faq/x"), client.get("/faq/x")
    assert made == ["x"]
    assert nonce_of(first) != nonce_of(second)
    for answer in (first, second):
        nonces = set(re.findall(r'nonce="([^"]*)"', answer.text))
        assert nonces == {nonce_of(answer)}
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" in answer.headers["Vary"]
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert len(first.data) == len(second.data)


def test_compressed_answers_have_fresh_nonces_too(client: FlaskClient, put: Put) -> None:
    put("x", body="正文" * 2000)
    for _ in range(2):
        answer = client.get("/faq/x", headers={"Accept-Encoding": "gzip, br"})
        assert answer.headers["Content-Encoding"] == "gzip"
        text = gzip.decompress(answer.data).decode()
        assert f'nonce="{nonce_of(answer)}"' in text and len(answer.data) < len(text)
        assert "Accept-Encoding" in answer.headers["Vary"]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.binary(max_size=40))
def test_packed_text_is_the_text(parts: list[bytes], nonce: bytes) -> None:
    packed = Packed(tuple(parts))
    assert gzip.decompress(packed.gzipped(nonce)) == nonce.join(parts) == packed.filled(nonce)


def test_a_browser_that_has_it_gets_no_body(client: FlaskClient, put: Put) -> None:
    put("x")
    tag = client.get("/faq/x").headers["ETag"]
    answer = client.get("/faq/x", headers={"If-None-Match": tag})
    assert answer.status_code == 304 and not answer.data
    # The copy keeps the policy it came with; another nonce would stop its script.
    assert "Content-Security-Policy" not in answer.headers


def test_publishing_is_seen_at_once(
    client: FlaskClient, put: Put, author: User, made: list[str]
) -> None:
    article = put("x", body="旧的话", owner=author)
    assert "旧的话" in client.get("/faq/x").text
    library.save_draft(author, article.id, 1, library.Words(title="题", body="新的话"))
    assert "旧的话" in client.get("/faq/x").text
    assert made == ["x"]
    library.publish(author, article.id, 2)
    assert "新的话" in client.get("/faq/x").text


def test_two_processes_on_one_database(make_app: Callable[..., Flask]) -> None:
    one, two = make_app(anonymous_read=True), make_app(anonymous_read=True)
    from portal.db import db, write

    with one.app_context(), write() as session:
        user = User(name="a", role=Role.PMSO)
        session.add(user)
        session.flush()
        article = library.new_article(
            session,
            kind="faq",
            slug="x",
            space_id=library.ensure_public_space().id,
            owner_id=user.id,
        )
        revision = library.add_revision(session, article, library.Words("题", "旧的话"), user.id)
        library.publish_revision(session, article, revision)
        ids = user.id, article.id
    browser = two.test_client()
    assert "旧的话" in browser.get("/faq/x").text
    assert "题" in browser.get("/").text
    with one.app_context():
        pmso = db.session.get_one(User, ids[0])
        library.save_draft(pmso, ids[1], 1, library.Words("新题", "新的话"))
        library.publish(pmso, ids[1], 2)
    assert "新的话" in browser.get("/faq/x").text
    assert "新题" in browser.get("/").text and "新题" in browser.get("/faq/").text
    with one.app_context():
        library.unpublish(db.session.get_one(User, ids[0]), ids[1])
    assert browser.get("/faq/x").status_code == 404


def test_signed_in_readers_get_their_own_page(
    client: FlaskClient, put: Put, login_as: Callable[..., FlaskClient], made: list[str]
) -> None:
    put("x")
    client.get("/faq/x")
    # With a character that no random token has.
    reader = login_as(Role.READER, "li.na")
    text = reader.get("/faq/x").text
    assert "Li.Na" in text and made == ["x", "x"]
    assert "Li.Na" not in client.get("/faq/x").text
    reviewer = login_as(Role.REVIEWER)
    assert "/editor/" in reviewer.get("/faq/x").text
    assert "/editor/" not in client.get("/faq/x").text


def test_language_and_theme_have_pages_of_their_own(client: FlaskClient, put: Put) -> None:
    put("x")
    assert 'lang="zh-CN"' in client.get("/faq/x").text
    client.set_cookie("lang", "en")
    assert '<html lang="en"' in client.get("/faq/x").text
    client.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in client.get("/faq/x").text


def test_a_form_token_alone_is_no_session(
    app: Flask, client: FlaskClient, put: Put, made: list[str]
) -> None:
    put("x")
    with client.session_transaction() as session:
        session["csrf_token"] = "a" * 40
    client.get("/faq/x")
    client.get("/faq/x")
    assert made == ["x"]
    with client.session_transaction() as session:
        session["_flashes"] = [("good", "记下了，谢谢。")]
    assert "记下了，谢谢。" in client.get("/faq/x").text
    assert made == ["x", "x"]
    assert "notice-good" not in client.get("/faq/x").text


@pytest.mark.parametrize("cookie", ["rubbish", ".compressed", "e30", "bnVsbA.x.y", "%", "eyJ9"])
def test_odd_session_cookies_do_no_harm(client: FlaskClient, put: Put, cookie: str) -> None:
    put("x")
    client.set_cookie("jinshi", cookie)
    assert client.get("/faq/x").status_code == 200


def test_errors_and_redirects_are_not_kept(client: FlaskClient, put: Put) -> None:
    assert client.get("/faq/later").status_code == 404
    put("later")
    assert client.get("/faq/later").status_code == 200


def test_a_database_that_is_gone_is_said_in_words(app: Flask, client: FlaskClient) -> None:
    from portal.db import db

    db.drop_all()
    assert client.get("/faq/x").status_code == 503
