"""Bringing notices out: each once, more and more slowly, never without end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.accounts.models import AuditEntry, Role, User
from portal.db import db, write
from portal.notifications import delivery
from portal.notifications import service as notifications
from portal.notifications.models import Delivery, DeliveryState, Notice
from portal.plugin_host import host, settings_page
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]
MakeUser = Callable[..., User]

CHANNEL = """
def send(ctx, message):
    with (ctx.data_dir / "sent").open("a", encoding="utf-8") as sent:
        sent.write(f"{message.to} {message.email} {message.subject} {message.url}\\n")
    if (ctx.data_dir / "down").exists():
        raise ConnectionError("线断了")

@hookimpl
def portal_notification_channels(ctx):
    return [NotificationChannel(ctx.name, "渠道", send)]
"""


@pytest.fixture
def app(write_plugin: Write, load: Load) -> Iterator[Flask]:
    """A portal with the channel ``chat``."""
    write_plugin("chat", CHANNEL)
    with (app := load()).app_context():
        yield app


@pytest.fixture
def anna(app: Flask, make_user: MakeUser) -> User:
    """Who is told things."""
    return make_user("anna", email="anna@example.com")


def folder(app: Flask, plugin: str = "chat") -> Path:
    """The plugin's own folder."""
    path: Path = app.config["SETTINGS"].home / "plugins" / plugin
    path.mkdir(parents=True, exist_ok=True)
    return path


def sent(app: Flask, plugin: str = "chat") -> list[str]:
    """What the channel was given, one line a message."""
    path = folder(app, plugin) / "sent"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def tell(user: User, subject: str, at: datetime | None = None) -> datetime:
    """Tell `user`; gives a moment at which that is due."""
    notice = notifications.notify(user, subject, "", "/faq/x")
    if at is not None:
        with write():
            notice.created_at = at
    return notice.created_at + timedelta(seconds=1)


def only() -> Delivery:
    """The one delivery there is."""
    db.session.rollback()
    return db.session.scalars(select(Delivery)).one()


def test_a_notice_goes_out_once(app: Flask, anna: User) -> None:
    now = tell(anna, "开会")
    assert notifications.deliver_due(now) == 1
    assert notifications.deliver_due(now + timedelta(days=1)) == 0
    assert sent(app) == ["anna anna@example.com 开会 /faq/x"]
    row = only()
    assert (row.state, row.attempts, row.error) == (DeliveryState.SENT, 1, "")


def test_every_channel_gets_it_and_a_later_one_only_what_is_new(
    app: Flask, anna: User, write_plugin: Write, load: Load
) -> None:
    now = tell(anna, "旧的")
    notifications.deliver_due(now)
    write_plugin("pager", CHANNEL)
    with load().app_context():
        now = tell(anna, "新的")
        assert notifications.deliver_due(now) == 2
    assert [line.split()[2] for line in sent(app)] == ["旧的", "新的"]
    assert [line.split()[2] for line in sent(app, "pager")] == ["新的"]


def test_a_channel_that_is_away_finds_its_messages_waiting(
    app: Flask, anna: User, load: Load
) -> None:
    (folder(app) / "down").touch()
    now = tell(anna, "等着")
    notifications.deliver_due(now)
    (folder(app) / "down").unlink()
    later = now + timedelta(hours=1)
    with load(plugins_disabled=("chat",)).app_context():
        assert notifications.deliver_due(later) == 0
    assert notifications.deliver_due(later) == 1


def test_what_nobody_brought_out_for_a_week_stays_in_the_portal(app: Flask, anna: User) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    tell(anna, "很久以前", now - timedelta(days=8))
    tell(anna, "上周五", now - timedelta(days=3))
    assert notifications.deliver_due(now) == 1
    assert [line.split()[2] for line in sent(app)] == ["上周五"]
    assert notifications.unread(anna) == 2


def test_who_has_left_gets_nothing(app: Flask, anna: User) -> None:
    now = tell(anna, "开会")
    with write():
        anna.active = False
    assert notifications.deliver_due(now) == 0
    assert sent(app) == []


def test_three_workers_at_once_send_it_once(app: Flask, anna: User, load: Load) -> None:
    now = tell(anna, "开会")
    apps, start = [app, load(), load()], threading.Barrier(3, timeout=60)
    counted: list[int] = []

    def work(one: Flask) -> None:
        with one.app_context():
            host().collected(delivery.HOOK)
            start.wait()
            counted.append(notifications.deliver_due(now))

    workers = [threading.Thread(target=work, args=(one,)) for one in apps]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(sent(app)) == 1
    assert sum(counted) == 1


def test_a_failure_is_tried_again_more_slowly_and_then_given_up(app: Flask, anna: User) -> None:
    (folder(app) / "down").touch()
    now = tell(anna, "开会")
    waits = []
    for attempt in range(1, delivery.ATTEMPTS):
        assert notifications.deliver_due(now) == 0
        row = only()
        assert (row.state, row.attempts) == (DeliveryState.WAITING, attempt)
        assert "线断了" in row.error
        waits.append(delivery.pause(attempt))
        assert row.next_at >= now + waits[-1]
        # Too early changes nothing.
        notifications.deliver_due(now + waits[-1] - timedelta(seconds=1))
        assert len(sent(app)) == attempt
        now = row.next_at
    notifications.deliver_due(now)
    assert only().state is DeliveryState.FAILED
    notifications.deliver_due(now + timedelta(days=30))
    assert len(sent(app)) == delivery.ATTEMPTS
    assert waits[0] == timedelta(minutes=1) and waits[-1] == timedelta(hours=6)
    plugin = host().plugin("chat")
    assert plugin is not None and plugin.state is State.DEGRADED


@given(st.integers(1, 10_000))
def test_pauses_grow_between_a_minute_and_six_hours(attempts: int) -> None:
    wait = delivery.pause(attempts)
    assert timedelta(minutes=1) <= wait <= timedelta(hours=6)
    assert delivery.pause(attempts + 1) >= wait


def test_one_whose_worker_died_while_sending_is_due_again(app: Flask, anna: User) -> None:
    now = tell(anna, "开会")
    claimed = delivery.CLAIM
    delivery._lay_out(now, {"chat": host().collected(delivery.HOOK)[0]})
    assert delivery._claim(only().id, now, now + claimed) is not None
    assert notifications.deliver_due(now + claimed - timedelta(seconds=1)) == 0
    assert notifications.deliver_due(now + claimed) == 1


BAD = """
import sys
import time

def wait(ctx, message):
    while not (ctx.data_dir / "go").exists():
        time.sleep(0.01)

def refuse(ctx, message):
    raise ProblemError(Problem("JS-4003", "对方不在", "等一等"))

SENDS = {
    "raises": lambda ctx, message: 1 / 0,
    "leaves": lambda ctx, message: sys.exit(3),
    "refuses": refuse,
    "hangs": wait,
}

@hookimpl
def portal_notification_channels(ctx):
    return [NotificationChannel(ctx.name, "坏的", SENDS[ctx.name.removeprefix("bad_")])]
"""


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("raises", "ZeroDivisionError"),
        ("leaves", "sys.exit(3)"),
        ("refuses", "对方不在 → 等一等"),
        ("hangs", "没有在限定的时间内做完"),
    ],
)
def test_a_bad_channel_is_named_and_the_others_go_on(
    name: str,
    error: str,
    app: Flask,
    anna: User,
    write_plugin: Write,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "SEND_SECONDS", 1.0)
    write_plugin(f"bad_{name}", BAD)
    with (bad := load()).app_context():
        now = tell(anna, "一")
        tell(anna, "二")
        try:
            assert notifications.deliver_due(now + timedelta(seconds=5)) == 2
        finally:
            (folder(bad, f"bad_{name}") / "go").touch()
        assert len(sent(bad)) == 2
        query = select(Delivery).where(Delivery.channel == f"bad_{name}").order_by(Delivery.id)
        rows = list(db.session.scalars(query))
        assert error in rows[0].error and rows[0].attempts == 1
        # One that did not answer is left alone for this turn.
        assert rows[1].attempts == (0 if name == "hangs" else 1)
        plugin = host().plugin(f"bad_{name}")
        assert plugin is not None
        assert plugin.state is (State.ACTIVE if name == "refuses" else State.DEGRADED)


def test_a_channel_that_fails_again_and_again_is_left_alone_for_this_turn(
    app: Flask, anna: User
) -> None:
    (folder(app) / "down").touch()
    for number in range(5):
        now = tell(anna, str(number))
    notifications.deliver_due(now)
    assert len(sent(app)) == delivery.PATIENCE
    # The others' turn comes, though the first ones are not due again yet.
    notifications.deliver_due(now)
    assert [line.split()[2] for line in sent(app)] == ["0", "1", "2", "3", "4"]


def test_a_send_that_returns_something_is_named_but_not_repeated(
    app: Flask, anna: User, write_plugin: Write, load: Load
) -> None:
    write_plugin("chatty", CHANNEL.replace("if (ctx", "return True\n    if (ctx"))
    with load().app_context():
        now = tell(anna, "开会")
        assert notifications.deliver_due(now) == 2
        assert notifications.deliver_due(now + timedelta(days=1)) == 0
        assert len(sent(app, "chatty")) == 1
        plugin = host().plugin("chatty")
        assert plugin is not None and plugin.problem is not None
        assert "bool" in plugin.problem.text()


# What administrators see


def give_up(app: Flask, user: User, subjects: tuple[str, ...]) -> None:
    """Deliveries that were given up."""
    for subject in subjects:
        now = tell(user, subject)
    notifications.deliver_due(now)
    with write() as session:
        session.execute(
            update(Delivery).values(state=DeliveryState.FAILED, error="<线断了>", attempts=8)
        )


def test_only_administrators_see_deliveries(
    app: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    browser = login_as(Role.PMSO)
    assert browser.get("/admin/deliveries").status_code == 404
    assert browser.post("/admin/deliveries/again").status_code == 404


def test_one_or_all_are_sent_again(
    app: Flask, anna: User, login_as: Callable[..., FlaskClient]
) -> None:
    give_up(app, anna, ("甲", "乙", "丙"))
    admin = login_as(Role.ADMIN)
    page = admin.get("/admin/deliveries").text
    assert "&lt;线断了&gt;" in page and page.count("再发一次</button>") == 4
    number = db.session.scalar(select(Delivery.id).join(Notice).where(Notice.subject == "乙"))
    admin.post("/admin/deliveries/again", data={"id": number})
    later = only_notice("乙").created_at + timedelta(hours=1)
    assert notifications.deliver_due(later) == 1
    assert admin.post("/admin/deliveries/again", data={"id": "x"}).status_code == 400
    answer = admin.post("/admin/deliveries/again", follow_redirects=True)
    assert "2 条消息马上再发一次" in answer.text
    assert notifications.deliver_due(later) == 2
    answer = admin.post("/admin/deliveries/again", follow_redirects=True)
    assert "没有需要再发的消息" in answer.text and "没有送不到的消息" in answer.text
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert actions.count("delivery.again") == 2


def only_notice(subject: str) -> Notice:
    """The notice with this subject."""
    db.session.rollback()
    return db.session.scalars(select(Notice).where(Notice.subject == subject)).one()


def test_without_a_channel_the_page_says_how_to_get_one(
    app: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    admin = login_as(Role.ADMIN)
    page = admin.get("/admin/deliveries").text
    assert "还送往：渠道" in page and "没有送不到的消息" in page
    plugin = host().plugin("chat")
    assert plugin is not None
    settings_page.switch(None, plugin, enabled=False)
    assert "消息现在只出现在门户里" in admin.get("/admin/deliveries").text
