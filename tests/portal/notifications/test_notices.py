"""What people are told, and what they see of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.db import db, write
from portal.notifications import service as notifications
from portal.notifications.models import Notice

Login = Callable[..., FlaskClient]
MakeUser = Callable[..., User]


def test_a_notice_stands_there_at_once_newest_first(make_user: MakeUser) -> None:
    anna, otto = make_user("anna"), make_user("otto")
    notifications.notify(anna, "第一条", "内容", "/faq/x", source="projects")
    notifications.notify(anna, "第二条", "")
    notifications.notify(otto, "别人的", "")
    assert [notice.subject for notice in notifications.mine(anna)] == ["第二条", "第一条"]
    assert notifications.unread(anna) == 2
    notifications.mark_read(anna, notifications.mine(anna)[0])
    assert notifications.unread(anna) == 1
    notifications.mark_read(anna)
    assert (notifications.unread(anna), notifications.unread(otto)) == (0, 1)


def test_the_same_key_is_told_once_to_each_person(make_user: MakeUser) -> None:
    anna, otto = make_user("anna"), make_user("otto")
    first = notifications.notify(anna, "到期了", "", key="task:7:due")
    again = notifications.notify(anna, "又到期了", "", key="task:7:due")
    assert again.id == first.id and again.subject == "到期了"
    assert notifications.notify(otto, "到期了", "", key="task:7:due").id != first.id
    assert (
        notifications.notify(anna, "到期了", "").id != notifications.notify(anna, "到期了", "").id
    )


@pytest.mark.parametrize(
    ("subject", "url"),
    [
        ("", ""),
        (" \n ", ""),
        ("好", "javascript:alert(1)"),
        ("好", "//elsewhere.example"),
        ("好", "http://plain.example"),
        ("好", "/" + "x" * 2000),
    ],
)
def test_what_will_not_do_is_refused(subject: str, url: str, make_user: MakeUser) -> None:
    with pytest.raises(ValueError, match="message"):
        notifications.notify(make_user(), subject, "", url)


def test_what_is_no_text_is_refused(make_user: MakeUser) -> None:
    with pytest.raises(TypeError, match="not int"):
        notifications.notify(make_user(), 3, "")  # type: ignore[arg-type]


def test_a_subject_is_one_line_of_bounded_length(make_user: MakeUser) -> None:
    notice = notifications.notify(make_user(), "a\r\nBcc: x\0" + "长" * 500, "b\0c")
    assert notice.subject.startswith("a Bcc: x长") and len(notice.subject) == 200
    assert notice.body == "bc"


def test_a_plugin_tells_people_by_name(app: Flask, make_user: MakeUser) -> None:
    anna = make_user("anna")
    make_user("gone", active=False)
    assert notifications.notify_from_plugin("glossary", "Anna", "有新词", "", "/faq/x")
    assert not notifications.notify_from_plugin("glossary", "nobody", "有新词", "", "")
    assert not notifications.notify_from_plugin("glossary", "gone", "有新词", "", "")
    assert [notice.source for notice in notifications.mine(anna)] == ["glossary"]


def test_inside_a_transaction_that_fails_nothing_was_said(make_user: MakeUser) -> None:
    anna = make_user("anna")
    with pytest.raises(RuntimeError), write():
        assert notifications.notify_from_plugin("glossary", "anna", "说了", "", "")
        raise RuntimeError
    assert notifications.mine(anna) == []


def test_who_is_deleted_takes_his_notices_along(make_user: MakeUser) -> None:
    anna = make_user("anna")
    notifications.notify(anna, "再见", "")
    with write() as session:
        session.delete(anna)
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 0


def test_visitors_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert "/login" in client.get("/notifications").headers["Location"]


def test_the_page_and_marking_everything_read(login_as: Login) -> None:
    browser = login_as(Role.READER)
    empty = browser.get("/notifications").text
    assert "还没有消息" in empty and "全部标为已读" not in empty
    user = accounts.find("reader1")
    assert user is not None
    notifications.notify(user, "<b>粗</b>", "第一行\n<script>第二行", "/faq/x")
    notifications.notify(user, "没有地址", "")
    page = browser.get("/notifications").text
    assert "2 条未读" in page and page.count("未读</span>") == 2
    assert "&lt;b&gt;粗" in page and "第一行<br>&lt;script&gt;第二行" in page
    browser.post("/notifications/read")
    page = browser.get("/notifications").text
    assert "都读过了" in page and "未读</span>" not in page


def test_following_a_notice_marks_it_as_read(login_as: Login) -> None:
    browser = login_as(Role.READER)
    user = accounts.find("reader1")
    assert user is not None
    notice = notifications.notify(user, "看看", "", "/faq/x")
    answer = browser.get(f"/notifications/{notice.id}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/faq/x")
    assert notifications.unread(user) == 0


def test_one_without_an_address_is_marked_by_itself(login_as: Login) -> None:
    browser = login_as(Role.READER)
    user = accounts.find("reader1")
    assert user is not None
    kept = notifications.notify(user, "留着", "")
    done = notifications.notify(user, "看过了", "")
    browser.post("/notifications/read", data={"id": done.id})
    db.session.rollback()
    assert kept.read_at is None and done.read_at is not None


def test_other_peoples_notices_are_not_found(login_as: Login, make_user: MakeUser) -> None:
    notice = notifications.notify(make_user("anna"), "私事", "", "/faq/x")
    browser = login_as(Role.ADMIN)
    assert browser.get(f"/notifications/{notice.id}").status_code == 404
    for wrong in (notice.id, "x", "-1", "9" * 40, "²"):
        assert browser.post("/notifications/read", data={"id": wrong}).status_code == 404
    db.session.rollback()
    assert notice.read_at is None


def test_the_menu_leads_there_without_a_number(login_as: Login) -> None:
    browser = login_as(Role.READER)
    user = accounts.find("reader1")
    assert user is not None
    notifications.notify(user, "看看", "")
    # Pages are kept and shared by readers: a number in the menu would be somebody else's.
    assert '<li><a href="/notifications">消息</a></li>' in browser.get("/").text
