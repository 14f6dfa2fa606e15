"""Signing in: limits before hashing, no enumeration, sessions that end everywhere at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.problems import ProblemError
from portal.accounts import passwords, people, throttle, tokens
from portal.accounts.models import LoginAttempt, LoginSession, Role, User
from portal.db import db

WORD = "four unrelated words here"


@pytest.fixture
def anna(app: Flask) -> User:
    return people.add_user(None, "Anna", Role.READER, password=WORD)


def sign_in(client: FlaskClient, name: str = "anna", password: str = WORD, **form: str) -> object:
    return client.post("/login", data={"name": name, "password": password, **form})


def test_names_are_folded_and_password_opens(client: FlaskClient, anna: User) -> None:
    answer = sign_in(client, " ANNA ")
    assert answer.status_code == 302
    assert client.get("/account").status_code == 200


def test_wrong_name_and_wrong_password_look_the_same(client: FlaskClient, anna: User) -> None:
    wrong = sign_in(client, password="not this one at all")
    nobody = sign_in(client, name="nobody")
    assert wrong.status_code == nobody.status_code == 401

    def plain(text: str, name: str) -> str:
        return re.sub(r'(nonce|value)="[^"]+"', "", text.replace(name, "X"))

    assert plain(wrong.text, "anna") == plain(nobody.text, "nobody")


def test_account_is_paused_before_any_hashing(
    client: FlaskClient, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(throttle.PER_ACCOUNT):
        assert sign_in(client, password="wrong wrong wrong").status_code == 401

    def never(*_args: object) -> bool:
        raise AssertionError("hashed although the account is paused")

    monkeypatch.setattr(passwords, "verify", never)
    answer = sign_in(client)
    assert answer.status_code == 429
    assert "15 分钟" in answer.text


def test_success_forgets_the_failures(client: FlaskClient, anna: User) -> None:
    sign_in(client, password="wrong wrong wrong")
    sign_in(client)
    names = [row.key for row in db.session.query(LoginAttempt)]
    assert "name:anna" not in names


def test_only_the_hash_of_a_session_is_stored(client: FlaskClient, anna: User) -> None:
    sign_in(client)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    stored = db.session.query(LoginSession).one().token_hash
    assert token not in stored
    assert stored == tokens.digest(token)


def test_login_changes_the_session_cookie(client: FlaskClient, anna: User) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "by an attacker"
    sign_in(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie


def test_logout_ends_the_session_in_the_database(
    app: Flask, client: FlaskClient, anna: User
) -> None:
    sign_in(client)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    client.post("/logout")
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert thief.get("/account").status_code == 302


def test_a_deactivated_user_is_out_at_once(
    client: FlaskClient, anna: User, make_user: Callable[..., User]
) -> None:
    sign_in(client)
    admin = make_user("root", Role.ADMIN)
    people.change_user(
        admin, anna, role=Role.READER, active=False, display_name="", email="", org_unit_id=None
    )
    assert client.get("/account").status_code == 302
    assert sign_in(client).status_code == 401


def test_new_password_ends_other_sessions_but_not_this_one(
    app: Flask, client: FlaskClient, anna: User
) -> None:
    other = app.test_client()
    sign_in(other)
    sign_in(client)
    form = {"current": WORD, "password": "another long password", "again": "another long password"}
    assert client.post("/account/password", data=form).status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"],
)
def test_next_never_leads_elsewhere(client: FlaskClient, anna: User, target: str) -> None:
    answer = sign_in(client, next=target)
    assert answer.headers["Location"] == "/"


def test_next_leads_back_to_where_one_was(client: FlaskClient, anna: User) -> None:
    answer = client.get("/account")
    assert answer.headers["Location"].startswith("/login?next=")
    assert sign_in(client, next="/account").headers["Location"] == "/account"


def test_one_time_link_makes_the_first_admin_once(client: FlaskClient, app: Flask) -> None:
    token = tokens.new_link(tokens.FIRST_ADMIN)
    assert "建立第一个管理员" in client.get(f"/welcome/{token}").text
    form = {"name": "root", "password": WORD, "again": WORD}
    assert client.post(f"/welcome/{token}", data=form).status_code == 302
    assert people.find("root").role is Role.ADMIN  # type: ignore[union-attr]
    again = app.test_client().post(f"/welcome/{token}", data={**form, "name": "second"})
    assert again.status_code == 400
    assert "JS-3002" in again.text
    assert people.find("second") is None


def test_bad_password_keeps_the_link_alive(client: FlaskClient) -> None:
    token = tokens.new_link(tokens.FIRST_ADMIN)
    answer = client.post(
        f"/welcome/{token}", data={"name": "root", "password": "short", "again": "short"}
    )
    assert answer.status_code == 400
    assert "至少要 10 个字符" in answer.text
    assert client.get(f"/welcome/{token}").status_code == 200


def test_reset_link_sets_a_password(client: FlaskClient, anna: User) -> None:
    first = tokens.new_link(tokens.RESET, anna.id)
    second = tokens.new_link(tokens.RESET, anna.id)
    assert client.get(f"/welcome/{first}").status_code == 400  # the newer one replaced it
    form = {"password": "a brand new password", "again": "a brand new password"}
    assert client.post(f"/welcome/{second}", data=form).status_code == 302
    assert people.sign_in("anna", "a brand new password", address="") is not None


def test_the_last_administrator_stays(make_user: Callable[..., User]) -> None:
    root = make_user("root", Role.ADMIN)
    with pytest.raises(ProblemError, match="最后一个管理员"):
        people.change_user(
            root, root, role=Role.PMSO, active=True, display_name="", email="", org_unit_id=None
        )
    assert root.role is Role.ADMIN


@pytest.mark.parametrize("name", ["", "a", "with space", "x" * 61, "<b>", "a/b"])
def test_unusable_names_are_refused(app: Flask, name: str) -> None:
    with pytest.raises(ProblemError):
        people.add_user(None, name, Role.READER)


def test_a_taken_name_is_refused_and_nothing_changes(anna: User) -> None:
    with pytest.raises(ProblemError, match="已经有名为"):
        people.add_user(None, "ANNA", Role.ADMIN)
    assert people.find("anna").role is Role.READER  # type: ignore[union-attr]


def test_language_is_kept_with_the_account(client: FlaskClient, anna: User) -> None:
    sign_in(client)
    client.post("/language", data={"lang": "en", "next": "/account"})
    assert people.find("anna").locale == "en"  # type: ignore[union-attr]
    assert client.post("/language", data={"lang": "xx"}).status_code == 404
