"""A connector whose answers the test decides, and a clock it can put forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.accounts.models import Role, User
from portal.db import utcnow, write
from portal.erp import reading, service
from portal.plugin_host import host

# The fixtures that write and load single-file plugins.
from tests.portal.plugins.conftest import load, write_plugin  # noqa: F401

TRIAL = """
import threading
from pydantic import BaseModel

released = threading.Event()
asked = []
offers = None
answers = {}


class Config(BaseModel):
    server: str = "x"


ORDERS = Entity("orders", "订单", {"no": "单号", "item": "物料"}, ("no",), "no")
STOCK = Entity("stock", "库存", {"item": "物料", "count": "数量"})


class Trial:
    def check(self, ctx, config):
        return CheckResult()

    def discover(self, ctx, config):
        asked.append("discover")
        return (ORDERS,) if offers is None else offers()

    def pull(self, ctx, config, entity, cursor):
        asked.append((entity, cursor))
        return answers[entity](cursor)


@hookimpl
def portal_erp_connectors(ctx):
    return [ConnectorKind("trial", "试验系统", "x", Config, (ORDERS, STOCK), Trial())]
"""


class Clock:
    """Stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = utcnow()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, minutes: float) -> None:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the readings and of their page."""
    clock = Clock()
    monkeypatch.setattr(reading, "utcnow", clock)
    monkeypatch.setattr(service, "utcnow", clock)
    return clock


@pytest.fixture
def app(load: Callable[..., Flask], write_plugin: Callable[..., Path]) -> Iterator[Flask]:  # noqa: F811
    """A portal with the trial connector, inside its context."""
    write_plugin("trial", TRIAL)
    app = load()
    with app.app_context():
        yield app


@pytest.fixture
def pia(app: Flask) -> User:
    """Somebody of the PMSO."""
    with write() as session:
        actor = User(name="pia", display_name="Pia", role=Role.PMSO)
        session.add(actor)
    return actor


@pytest.fixture
def trial(app: Flask, pia: User) -> Iterator[Any]:
    """The connector's module, set up: `answers[entity](cursor)` is what a pull gives."""
    plugin = host().plugin("trial")
    assert plugin is not None and plugin.module is not None
    module: Any = plugin.module
    module.asked.clear()
    assert service.save(pia, "trial", {"server": "y"}) == ()
    yield module
    module.released.set()
