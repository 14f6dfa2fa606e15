"""Events are written down as they come, and listed for those who may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from plugins.activity import diary
from plugins.activity.diary import Event
from portal.accounts.models import Role
from portal.contributions import ArticleView, LoginView, ProjectView, StepView
from portal.db import utcnow
from portal.plugin_host import host

Login = Callable[..., FlaskClient]


def tell_everything() -> None:
    project = ProjectView(1, "新厂房", "/projects/1")
    host().emit("login", login=LoginView(1, "anna", "reader", "", utcnow()))
    host().emit("content_changed", article=ArticleView(1, "faq", "<b>请假</b>", "/faq/leave", True))
    host().emit("content_changed", article=ArticleView(2, "faq", "下架", "/faq/gone", False))
    host().emit("project_created", project=project)
    host().emit(
        "step_finished", step=StepView("run:1:1", "approval", "部门审批", "ok", project, "bo")
    )
    assert host().settle()


def test_the_page_lists_what_happened_for_the_pmso_only(app: Flask, login_as: Login) -> None:
    tell_everything()
    page = login_as(Role.PMSO).get("/x/activity/").get_data(as_text=True)
    assert "新厂房 · 部门审批" in page and "&lt;b&gt;请假&lt;/b&gt;" in page and "bo" in page
    assert "下架" not in page and "anna" not in page
    assert "/x/activity/static/activity.css?v=" in page
    assert login_as(Role.AUTHOR).get("/x/activity/").status_code == 404
    assert app.test_client().get("/x/activity/").status_code == 302


def test_names_are_shown_only_when_that_was_chosen(
    make_app: Callable[..., Flask], login_as: Login
) -> None:
    app = make_app(plugins={"activity": {"names": True}})
    with app.app_context():
        tell_everything()
        plugin = host().plugin("activity")
        assert plugin is not None and plugin.ctx is not None
        assert diary.newest(plugin.ctx.data_dir, 9)[-1].who == "anna"


def test_an_empty_diary_says_so(login_as: Login) -> None:
    assert "还没有动静" in login_as(Role.PMSO).get("/x/activity/").get_data(as_text=True)


def test_several_writers_lose_no_line_and_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    def write(number: int) -> None:
        for one in range(50):
            diary.add(tmp_path, Event(diary.now(), "article", f"{number}-{one} 长" * 20))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with (tmp_path / diary.FILE).open("a", encoding="utf-8") as file:
        file.write('{"at": "20')
    assert len(diary.newest(tmp_path, 1000)) == 200


@pytest.mark.parametrize(("count", "gone"), [(3, 0), (5, 0), (8, 3)])
def test_the_oldest_go(count: int, gone: int, tmp_path: Path) -> None:
    for number in range(count):
        diary.add(tmp_path, Event(diary.now(), "article", str(number)))
    assert diary.trim(tmp_path, 5) == gone
    assert diary.newest(tmp_path, 99)[0].text == str(count - 1)
    assert len(diary.newest(tmp_path, 99)) == min(count, 5)
