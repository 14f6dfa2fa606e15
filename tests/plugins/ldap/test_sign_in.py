"""Signing in to the portal with an LDAP account, from the page to the directory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from portal.accounts import service as accounts
from portal.accounts.models import Role
from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.plugins.ldap.server import PASSWORD, Directory, free_port

WORD = "four unrelated words here"


@pytest.fixture
def portal(make_app: Callable[..., Flask], values: dict[str, Any]) -> Iterator[Flask]:
    """A portal that knows the directory."""
    app = make_app(plugins={"auth_ldap": {**values, "title": "厂里的账号"}})
    with app.app_context():
        yield app


def sign_in(app: Flask, name: str, password: str) -> Any:
    return app.test_client().post("/login", data={"name": name, "password": password})


@pytest.mark.ldap
def test_an_ldap_account_opens_the_portal(portal: Flask) -> None:
    client = portal.test_client()
    assert "可以用：厂里的账号" in client.get("/login").text
    answer = client.post("/login", data={"name": "Anna", "password": PASSWORD})
    assert answer.status_code == 302
    assert "安娜" in client.get("/account").text
    user = accounts.find("anna")
    assert user is not None
    assert (user.provider, user.role, user.email) == ("ldap", Role.READER, "anna@example.com")
    assert sign_in(portal, "anna", "wrong").status_code == 401
    assert sign_in(portal, "anna", "").status_code == 401


@pytest.mark.ldap
def test_the_portals_own_anna_is_not_the_directorys(portal: Flask) -> None:
    accounts.add_user(None, "anna", Role.ADMIN, password=WORD)
    assert sign_in(portal, "anna", PASSWORD).status_code == 401
    assert sign_in(portal, "anna", WORD).status_code == 302


@pytest.mark.ldap
def test_a_strange_certificate_lets_nobody_in(
    make_app: Callable[..., Flask], values: dict[str, Any], slapd: Directory
) -> None:
    trusting = {**values, "url": slapd.secure_url, "ca_file": str(slapd.ca_file)}
    with make_app(plugins={"auth_ldap": trusting}).app_context() as context:
        assert sign_in(context.app, "anna", PASSWORD).status_code == 302
    strange = {**values, "url": slapd.secure_url, "ca_file": str(slapd.other_ca)}
    with make_app(plugins={"auth_ldap": strange}).app_context() as context:
        answer = sign_in(context.app, "anna", PASSWORD)
        assert answer.status_code == 503 and "JS-3004" in answer.text


def configured(**settings: Any) -> dict[str, Any]:
    return {"auth_ldap": {"base_dn": "dc=example,dc=com", **settings}}


def test_without_the_directory_the_portals_own_accounts_go_on(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(plugins=configured(url=f"ldap://127.0.0.1:{free_port()}"))
    with app.app_context():
        accounts.add_user(None, "bert", Role.READER, password=WORD)
        assert sign_in(app, "bert", WORD).status_code == 302
        for name in ("anna", "bert"):
            answer = sign_in(app, name, PASSWORD)
            assert answer.status_code == 503
            assert "公司账号系统暂时连不上" in answer.text
        plugin = host().plugin("auth_ldap")
        # That the directory is away is no fault of the plugin's.
        assert plugin is not None and plugin.state is State.ACTIVE and plugin.failures == []


def test_without_settings_it_offers_nothing(app: Flask) -> None:
    plugin = host().plugin("auth_ldap")
    assert plugin is not None and plugin.state is State.ACTIVE
    for hook in ("portal_auth_providers", "portal_health_checks"):
        assert not [one for one in host().collected(hook) if one.plugin == "auth_ldap"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": "ldap.example.com"}, "ldaps://主机名"),
        ({"url": "https://ldap.example.com"}, "ldaps://主机名"),
        ({"url": "ldap://h:99999"}, "Port out of range"),
        ({"url": "ldap://h", "base_dn": ""}, "从哪里查起"),
        ({"url": "ldap://h", "user_filter": "(uid=anna)"}, "{name}"),
        ({"url": "ldap://h", "user_filter": "uid={name}"}, "括号"),
        ({"url": "ldaps://h", "start_tls": True}, "只用一个"),
        ({"url": "ldap://h", "bind_dn": "cn=portal"}, "bind_password"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(
    make_app: Callable[..., Flask], settings: dict[str, Any], words: str
) -> None:
    with make_app(plugins=configured(**settings)).app_context():
        plugin = host().plugin("auth_ldap")
        assert plugin is not None and plugin.state is State.MISCONFIGURED
        assert plugin.problem is not None and plugin.problem.code == "JS-4002"
        assert words in plugin.problem.text()


def test_where_passwords_go_is_not_set_in_a_page(app: Flask) -> None:
    from plugins.auth_ldap.config import LdapConfig
    from portal.plugin_host.forms import form_fields

    open_ones = {field.name for field in form_fields(LdapConfig, {}) if not field.locked}
    assert open_ones <= {"bind_password", "display_name_attribute", "mail_attribute", "title"}
    assert "title" in open_ones
