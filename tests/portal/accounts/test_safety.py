"""Headers and refusals that hold for every page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

PAGES = ["/", "/login", "/search?q=x", "/nothing-here", "/faq/", "/healthz", "/api/v1/openapi.json"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert re.search(r"script-src 'nonce-[\w-]{20,}'", policy)
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_nonce_is_fresh_and_is_the_one_in_the_page(client: FlaskClient) -> None:
    seen = set()
    for _ in range(3):
        answer = client.get("/login")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce is not None
        # A block of JSON is data: nothing runs it.
        scripts = re.findall(r'<script(?! type="application/json")[^>]*>', answer.text)
        assert scripts
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
        seen.add(nonce[1])
    assert len(seen) == 3


def test_secure_answers_ask_for_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/login").headers
    secure = client.get("/login", base_url="https://localhost")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
def test_writes_from_elsewhere_are_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.post("/language", data={"lang": "en"}, headers=headers)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_writes_need_the_token(app: Flask, login_as: Callable[..., FlaskClient]) -> None:
    client = login_as("reader")
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/account/tokens", data={"label": "x"})
    assert answer.status_code == 400
    assert "JS-3003" in answer.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text)
    assert token is not None
    good = client.post("/account/tokens", data={"label": "x", "csrf_token": token[1]})
    assert "jsp_" in good.text


ADMIN = [
    "/admin/",
    "/admin/users",
    "/admin/units",
    "/admin/spaces",
    "/admin/audit",
    "/admin/plugins",
]


@pytest.mark.parametrize("path", ADMIN)
@pytest.mark.parametrize("role", ["reader", "author", "reviewer"])
def test_administration_looks_absent_to_others(
    login_as: Callable[..., FlaskClient], path: str, role: str
) -> None:
    client = login_as(role)
    denied, absent = client.get(path), client.get("/admin/no-such-page")
    assert denied.status_code == absent.status_code == 404
    assert "没有这一页" in denied.text


@pytest.mark.parametrize("path", ADMIN)
def test_visitors_are_asked_to_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize("path", ADMIN)
def test_administration_opens(login_as: Callable[..., FlaskClient], path: str) -> None:
    assert login_as("admin").get(path).status_code == 200
    # Plugins run code: switching them is for administrators alone.
    expected = 404 if path == "/admin/plugins" else 200
    assert login_as("pmso").get(path).status_code == expected


def test_nobody_raises_himself_above_his_rights(login_as: Callable[..., FlaskClient]) -> None:
    client = login_as("pmso")
    assert client.post("/admin/users", data={"name": "evil", "role": "admin"}).status_code == 404
    assert client.post("/admin/users", data={"name": "good", "role": "pmso"}).status_code == 200


def test_api_tokens_open_the_api_and_nothing_else(
    make_app: Callable[..., Flask],
) -> None:
    from portal.accounts import service
    from portal.accounts.models import Role

    app = make_app(anonymous_read=False)
    with app.app_context():
        user = service.add_user(None, "robot", Role.READER)
        token = service.new_api_token(user.id, "test")
        bearer = {"Authorization": f"Bearer {token}"}
        client = app.test_client()
        assert client.get("/api/v1/search?q=x").status_code == 401
        assert client.get("/api/v1/search?q=x", headers=bearer).status_code == 200
        assert client.get("/account", headers=bearer).status_code == 302
        wrong = {"Authorization": "Bearer jsp_wrong"}
        assert client.get("/api/v1/search?q=x", headers=wrong).status_code == 401


def test_visitors_choose_a_language_without_a_token(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/language", data={"lang": "en", "next": "/faq/"})
    assert answer.status_code == 302
    assert "lang=en" in answer.headers["Set-Cookie"]
