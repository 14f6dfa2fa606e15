"""A connector's token: typed once, used, never shown, never stored as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import User
from portal.db import db, write
from portal.erp import reading, service
from portal.erp.models import Connection
from portal.plugin_host import host

VAULTED = """
from pydantic import BaseModel, SecretStr

seen = []


class Config(BaseModel):
    server: str = "x"
    token: SecretStr


ORDERS = Entity("orders", "订单", {"no": "单号"}, ("no",), "no")


class Vaulted:
    def check(self, ctx, config):
        seen.append(config.token.get_secret_value())
        return CheckResult()

    def discover(self, ctx, config):
        return (ORDERS,)

    def pull(self, ctx, config, entity, cursor):
        seen.append(config.token.get_secret_value())
        return Pulled(({"no": "PO-1"},), "1")


@hookimpl
def portal_erp_connectors(ctx):
    return [ConnectorKind("vaulted", "试验系统", "x", Config, (ORDERS,), Vaulted())]
"""


@pytest.fixture
def app(write_plugin: Callable[..., Path], load: Callable[..., Flask]) -> Iterator[Flask]:
    """A portal with the connector, inside its context."""
    write_plugin("vaulted", VAULTED)
    app = load()
    with app.app_context():
        yield app


def seen() -> list[str]:
    """The tokens the connector was given so far."""
    plugin = host().plugin("vaulted")
    assert plugin is not None and plugin.module is not None
    return list(plugin.module.seen)


def row() -> Connection:
    return db.session.scalars(select(Connection)).one()


def test_the_connector_is_given_what_was_typed(pia: User) -> None:
    assert service.save(pia, "vaulted", {"server": "y", "token": "s3cret"}) == ()
    assert service.check(pia, "vaulted").ok
    assert reading.read(pia, "vaulted").rows == {"orders": 1}
    assert seen() == ["s3cret", "s3cret"]


def test_it_is_not_stored_nor_shown_as_it_is(pia: User) -> None:
    service.save(pia, "vaulted", {"server": "y", "token": "s3cret"})
    assert row().config == {"server": "y"}
    assert set(row().secrets) == {"token"} and "s3cret" not in str(row().secrets)
    page = service.page("vaulted")
    assert page is not None
    field = next(one for one in page.fields if one.name == "token")
    assert (field.value, field.kept, field.required) == ("", True, False)


def test_left_empty_it_stays_and_another_one_replaces_it(pia: User) -> None:
    service.save(pia, "vaulted", {"server": "y", "token": "s3cret"})
    assert service.save(pia, "vaulted", {"server": "z", "token": ""}) == ()
    service.check(pia, "vaulted")
    assert service.save(pia, "vaulted", {"server": "z", "token": "other"}) == ()
    service.check(pia, "vaulted")
    assert seen() == ["s3cret", "other"]


def test_one_that_is_needed_cannot_be_left_out_or_forgotten(pia: User) -> None:
    [missing] = service.save(pia, "vaulted", {"server": "y"})
    assert (missing.code, missing.where) == ("JS-4002", "token")
    service.save(pia, "vaulted", {"server": "y", "token": "s3cret"})
    [forgotten] = service.save(pia, "vaulted", {"server": "y", "token-forget": "1"})
    assert forgotten.where == "token" and set(row().secrets) == {"token"}


def test_with_another_secret_key_it_is_to_be_typed_again(pia: User) -> None:
    service.save(pia, "vaulted", {"server": "y", "token": "s3cret"})
    with write():
        row().secrets = {"token": "gAAAA-typed-with-another-key"}
    [problem] = service.check(pia, "vaulted").problems
    assert (problem.code, problem.where) == ("JS-4002", "token") and "解不开" in problem.text()
    assert service.save(pia, "vaulted", {"server": "y", "token": "again"}) == ()
    assert service.check(pia, "vaulted").ok
