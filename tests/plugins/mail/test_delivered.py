"""From a notice in the portal to a mailbox: the whole way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from portal.accounts.models import User
from portal.db import db, utcnow, write
from portal.notifications import service as notifications
from portal.notifications.models import Delivery, DeliveryState
from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.plugins.mail.servers import free_port, server

SENDER = "xuetang@example.com"


def test_a_notice_reaches_the_mailbox_once(make_app: Callable[..., Flask]) -> None:
    with server() as (box, port):
        settings = {"host": "127.0.0.1", "port": port, "sender": SENDER}
        with make_app(plugins={"notify_mail": settings}).app_context():
            with write() as session:
                anna = User(name="anna", display_name="王安娜", email="anna@example.com")
                session.add_all([anna, User(name="otto", display_name="Otto")])
            assert notifications.notify_from_plugin("trial", "anna", "到期了", "明天", "/faq/x")
            assert notifications.notify_from_plugin("trial", "otto", "到期了", "明天", "")
            now = utcnow()
            # Otto has no address: nothing is left to try again.
            assert notifications.deliver_due(now) == 2
            assert notifications.deliver_due(now + timedelta(days=1)) == 0
    assert [mail["Subject"] for mail in box.mails] == ["到期了"]


def test_a_server_that_is_down_is_no_fault_of_the_plugin(make_app: Callable[..., Flask]) -> None:
    settings = {"host": "127.0.0.1", "port": free_port(), "sender": SENDER}
    with make_app(plugins={"notify_mail": settings}).app_context():
        with write() as session:
            session.add(User(name="anna", email="anna@example.com"))
        notifications.notify_from_plugin("trial", "anna", "到期了", "", "")
        assert notifications.deliver_due(utcnow()) == 0
        row = db.session.scalars(select(Delivery)).one()
        assert row.state is DeliveryState.WAITING and "用不了" in row.error
        plugin = host().plugin("notify_mail")
        assert plugin is not None and plugin.state is State.ACTIVE


def test_without_settings_it_is_active_and_idle(make_app: Callable[..., Flask]) -> None:
    with make_app().app_context():
        host().collect_all()
        plugin = host().plugin("notify_mail")
        assert plugin is not None and plugin.state is State.ACTIVE
        assert host().items("portal_notification_channels") == ()
