"""Signing in where the password is kept elsewhere: who gets which account, and who does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.problems import ProblemError
from portal.accounts import passwords, people, providers, throttle, tokens
from portal.accounts.models import AuditEntry, LoginAttempt, Role, User
from portal.db import db, write
from portal.plugin_host import host
from tests.portal.plugins.conftest import load, write_plugin  # noqa: F401

WORD = "four unrelated words here"
OUTSIDE = "known outside only"

SIMPLE = f"""
PEOPLE = {{"lina": Identity("LiNa", "李娜", "lina@example.com")}}

def authenticate(ctx, name, password):
    return PEOPLE.get(name) if password == {OUTSIDE!r} else None

@hookimpl
def portal_auth_providers(ctx):
    return [AuthProvider("company", N_("公司账号"), authenticate)]

LOGINS = []

@hookimpl
def portal_on_login(ctx, login):
    LOGINS.append(login)
"""

FAULTS = {
    "raises": "raise OSError('the line is dead')",
    "exits": "raise SystemExit(3)",
    "cannot tell": "raise ProblemError(Problem('JS-4003', '连不上', '等等'))",
    "wrong type": "return {'name': name}",
    "wrong part": "return Identity(name, None)",
    "no login name": "return Identity('a b c')",
    "true": "return True",
    "hangs": "import threading; threading.Event().wait(30)",
}


def provider(name: str, body: str) -> str:
    return f'''
def authenticate(ctx, name, password):
    {body}

@hookimpl
def portal_auth_providers(ctx):
    return [AuthProvider({name!r}, "{name} 账号", authenticate)]
'''


@pytest.fixture
def app(
    write_plugin: Callable[..., Path],  # noqa: F811
    load: Callable[..., Flask],  # noqa: F811
) -> Iterator[Flask]:
    """A portal with a provider that knows Li Na."""
    write_plugin("company", SIMPLE)
    app = load()
    with app.app_context():
        yield app


@pytest.fixture
def anna(app: Flask) -> User:
    """Somebody with a password of the portal's own."""
    return people.add_user(None, "anna", Role.AUTHOR, password=WORD)


def plugin(name: str) -> Any:
    found = host().plugin(name)
    assert found is not None
    return found


def sign_in(client: FlaskClient, name: str, password: str) -> Any:
    return client.post("/login", data={"name": name, "password": password})


def settle() -> None:
    if hasattr(host(), "settle"):
        host().settle()


def plain(page: str, name: str) -> str:
    return re.sub(r'(nonce|value)="[^"]+"', "", page.replace(name, "X"))


def test_first_visit_makes_a_readers_account(app: Flask, client: FlaskClient) -> None:
    assert sign_in(client, "LINA", OUTSIDE).status_code == 302
    assert client.get("/account").status_code == 200
    user = people.find("lina")
    assert user is not None
    assert (user.name, user.display_name, user.email) == ("lina", "李娜", "lina@example.com")
    assert (user.role, user.provider, user.password_hash) == (Role.READER, "company", None)
    entry = db.session.query(AuditEntry).filter_by(action="user.add").one()
    assert (entry.subject, entry.detail) == ("lina", {"role": "reader", "provider": "company"})


def test_later_visits_follow_the_other_side_and_keep_the_role(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, "lina", OUTSIDE)
    user = people.find("lina")
    assert user is not None
    with write():
        user.role = Role.PMSO
    names = plugin("company").module.PEOPLE
    names["lina"] = type(names["lina"])("lina", " 李  娜娜\n", "no address")
    assert sign_in(app.test_client(), "lina", OUTSIDE).status_code == 302
    db.session.refresh(user)
    # What is no address is not taken over.
    assert (user.display_name, user.email, user.role) == (
        "李 娜娜",
        "lina@example.com",
        Role.PMSO,
    )
    assert db.session.query(User).count() == 1


def test_wrong_password_unknown_name_and_empty_password_look_the_same(
    app: Flask, client: FlaskClient, anna: User
) -> None:
    sign_in(client, "lina", OUTSIDE)
    tries = [("lina", "wrong"), ("nobody", "wrong"), ("anna", "wrong"), ("lina", "")]
    answers = [(name, sign_in(app.test_client(), name, word)) for name, word in tries]
    assert {answer.status_code for _name, answer in answers} == {401}
    assert len({plain(answer.text, name) for name, answer in answers}) == 1


def test_an_account_of_the_portal_is_never_handed_over(
    app: Flask, client: FlaskClient, make_user: Callable[..., User]
) -> None:
    make_user("lina", Role.ADMIN)
    answer = sign_in(client, "lina", OUTSIDE)
    nobody = sign_in(client, "nobody", OUTSIDE)
    assert answer.status_code == 401
    assert plain(answer.text, "lina") == plain(nobody.text, "nobody")
    user = people.find("lina")
    assert user is not None
    assert (user.role, user.provider, user.display_name) == (Role.ADMIN, "", "Lina")


def test_an_account_of_another_provider_is_not_handed_over_either(
    app: Flask, client: FlaskClient, make_user: Callable[..., User]
) -> None:
    make_user("lina", provider="elsewhere")
    assert sign_in(client, "lina", OUTSIDE).status_code == 401


def test_an_account_that_is_switched_off_stays_out(
    app: Flask, client: FlaskClient, make_user: Callable[..., User]
) -> None:
    make_user("lina", provider="company", active=False)
    answer = sign_in(client, "lina", OUTSIDE)
    assert answer.status_code == 401
    assert plain(answer.text, "lina") == plain(sign_in(client, "nobody", "x").text, "nobody")


def test_an_account_kept_elsewhere_has_no_password_here(
    app: Flask, client: FlaskClient, login_as: Callable[..., FlaskClient]
) -> None:
    sign_in(client, "lina", OUTSIDE)
    user = people.find("lina")
    assert user is not None
    page = client.get("/account").text
    assert "由「公司账号」保管" in page and 'action="/account/password"' not in page
    form = {"current": OUTSIDE, "password": WORD, "again": WORD}
    answer = client.post("/account/password", data=form)
    assert answer.status_code == 400 and "门户里不能设" in answer.text
    with pytest.raises(ProblemError, match="到「公司账号」那边改密码"):
        people.set_password(user, WORD)
    token = tokens.new_link(tokens.RESET, user.id)
    reset = app.test_client().post(f"/welcome/{token}", data={"password": WORD, "again": WORD})
    assert reset.status_code == 400 and "由「公司账号」保管" in reset.text
    admin = login_as("admin")
    page = admin.get(f"/admin/users/{user.id}").text
    assert "登录方式" in page and "公司账号" in page and "/link" not in page
    refused = admin.post(f"/admin/users/{user.id}/link")
    assert refused.status_code == 400 and "/welcome/" not in refused.text
    db.session.refresh(user)
    assert user.password_hash is None


def test_a_password_left_over_opens_no_account_kept_elsewhere(
    app: Flask, client: FlaskClient, make_user: Callable[..., User]
) -> None:
    make_user("lina", provider="company", password_hash=passwords.hash_password(WORD))
    assert sign_in(client, "lina", WORD).status_code == 401


def test_the_login_page_names_the_providers(app: Flask, client: FlaskClient) -> None:
    assert "可以用：公司账号" in client.get("/login").text


def test_the_login_page_is_silent_without_providers(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with app.app_context():
        assert "可以用" not in app.test_client().get("/login").text


def test_plugins_are_told_of_every_kind_of_login(
    app: Flask, client: FlaskClient, anna: User
) -> None:
    logins = plugin("company").module.LOGINS
    sign_in(client, "lina", "wrong")
    sign_in(client, "lina", OUTSIDE)
    sign_in(app.test_client(), "anna", WORD)
    token = tokens.new_link(tokens.RESET, anna.id)
    form = {"password": "another long password", "again": "another long password"}
    app.test_client().post(f"/welcome/{token}", data=form)
    settle()
    told = [(one.name, one.role, one.provider) for one in logins]
    assert told == [
        ("lina", "reader", "company"),
        ("anna", "author", ""),
        ("anna", "author", ""),
    ]
    assert logins[1].user_id == anna.id and logins[0].at.tzinfo is not None


def test_limits_come_before_the_provider(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(throttle.PER_ACCOUNT):
        assert sign_in(client, "lina", "wrong").status_code == 401

    def never(*_args: object) -> None:
        raise AssertionError("a provider was asked although the account is paused")

    monkeypatch.setattr(providers, "ask", never)
    assert sign_in(client, "lina", OUTSIDE).status_code == 429


def test_changing_ones_password_asks_no_provider(
    app: Flask, client: FlaskClient, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "anna", WORD)

    def never(*_args: object) -> None:
        raise AssertionError("a provider was asked for the present password")

    monkeypatch.setattr(providers, "ask", never)
    form = {"current": "wrong", "password": WORD + "!", "again": WORD + "!"}
    assert "现在的密码不对" in client.post("/account/password", data=form).text


def test_no_transaction_is_open_while_a_provider_thinks(
    app: Flask, client: FlaskClient, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones = []
    call = host().call
    pool: Any = db.engine.pool

    def watched(*arguments: Any) -> Any:
        open_ones.append((db.session().in_transaction(), pool.checkedout()))
        return call(*arguments)

    monkeypatch.setattr(host(), "call", watched)
    assert people.sign_in("anna", "wrong", address="") is None
    assert open_ones == [(False, 0)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_provider_locks_nobody_out_and_tells_nothing(
    fault: str,
    write_plugin: Callable[..., Path],  # noqa: F811
    load: Callable[..., Flask],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(providers, "SECONDS", 0.2)
    write_plugin("broken", provider("broken", FAULTS[fault]))
    app = load()
    with app.app_context():
        people.add_user(None, "anna", Role.READER, password=WORD)
        assert sign_in(app.test_client(), "anna", WORD).status_code == 302
        assert plugin("broken").failures == []
        known = sign_in(app.test_client(), "anna", "wrong")
        unknown = sign_in(app.test_client(), "nobody", "wrong")
        assert known.status_code == unknown.status_code == 503
        assert "公司账号系统暂时连不上" in known.text and "JS-3004" in known.text
        assert "过几分钟再试" in known.text
        assert plain(known.text, "anna") == plain(unknown.text, "nobody")
        # Counted, or an outage would be the time to guess passwords.
        assert db.session.query(LoginAttempt).filter_by(key="name:anna").count() == 1
        failures = plugin("broken").failures
        assert [one.where for one in failures] == (
            [] if fault == "cannot tell" else ["sign-in by broken"]
        )
        assert db.session.query(User).count() == 1


def test_one_no_is_an_answer_though_another_provider_is_broken(
    app: Flask,
    write_plugin: Callable[..., Path],  # noqa: F811
) -> None:
    write_plugin("aaa_broken", provider("broken", FAULTS["raises"]))
    host().reload()
    client = app.test_client()
    assert sign_in(client, "lina", "wrong").status_code == 401
    assert sign_in(client, "lina", OUTSIDE).status_code == 302


def test_a_name_taken_in_the_meantime_is_not_an_accident(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two first visits at once: the other one's account is there when this one writes.
    make = people.add_user

    def late(*arguments: Any, **fields: Any) -> User:
        make(*arguments, **fields)
        return make(*arguments, **fields)

    monkeypatch.setattr(people, "add_user", late)
    user = people.sign_in("lina", OUTSIDE, address="")
    assert user is not None and user.provider == "company"
    assert db.session.query(User).count() == 1


def test_the_title_of_a_provider_whose_plugin_is_gone_is_its_name(app: Flask) -> None:
    assert providers.title_of("company") == "公司账号"
    assert providers.title_of("gone") == "gone"
