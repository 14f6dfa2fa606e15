"""The pages: who may open which, what they show, and bad input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.db import db
from portal.projects import service
from portal.projects.models import Project

Login = Callable[..., FlaskClient]

ROUTES = [
    # (method, address, least role)
    ("get", "/projects", Role.READER),
    ("get", "/projects/{id}", Role.READER),
    ("post", "/templates/small/start", Role.PMSO),
    ("post", "/projects/{id}/people", Role.PMSO),
    ("post", "/projects/{id}/tasks/1.1", Role.PMSO),
    ("post", "/projects/{id}/close", Role.PMSO),
    ("post", "/projects/{id}/reopen", Role.PMSO),
]


@pytest.mark.parametrize(("method", "address", "least"), ROUTES)
@pytest.mark.parametrize("role", [None, Role.READER, Role.REVIEWER, Role.PMSO, Role.ADMIN])
def test_who_may_open_what(
    method: str,
    address: str,
    least: Role,
    role: Role | None,
    project: Project,
    client: FlaskClient,
    login_as: Login,
) -> None:
    before = service.view_of(project)
    browser = client if role is None else login_as(role)
    answer = getattr(browser, method)(address.format(id=project.id))
    if role is None:
        assert answer.status_code == 302 and "/login" in answer.headers["Location"]
    elif not role.at_least(least):
        assert answer.status_code == 404
        db.session.rollback()
        assert service.view_of(project) == before and project.closed_at is None
    else:
        assert answer.status_code in (200, 302, 400)
        assert "/login" not in answer.headers.get("Location", "")


def test_starting_from_the_template_page(login_as: Login, client: FlaskClient) -> None:
    pmso = login_as(Role.PMSO)
    assert "/templates/small/start" in pmso.get("/templates/small").get_data(as_text=True)
    for browser in (client, login_as(Role.READER)):
        assert "/templates/small/start" not in browser.get("/templates/small").get_data(
            as_text=True
        )
    form = {"title": "<新>仓库", "start": "2026-03-06"}
    answer = pmso.post("/templates/small/start", data=form, follow_redirects=True)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "&lt;新&gt;仓库" in text and "2026-03-06" in text and "2026-03-13" in text
    assert 'id="task-1.2"' in text and " style=" not in text
    assert "&lt;新&gt;仓库" in pmso.get("/projects").get_data(as_text=True)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "不是一个日期"),
        ({"title": "好", "start": "下周"}, "下周"),
        ({"title": " ", "start": "2026-03-06"}, "还没有名称"),
        ({"title": "好", "start": "0900-03-06"}, "不像是真的"),
    ],
)
def test_a_refused_start_comes_back_with_what_was_typed(
    form: dict[str, str], says: str, login_as: Login
) -> None:
    answer = login_as(Role.PMSO).post("/templates/small/start", data=form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400 and says in text
    assert f'value="{form.get("title", "")}"' in text
    assert db.session.query(Project).count() == 0


def test_nothing_there(login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    assert pmso.get("/projects/99").status_code == 404
    assert pmso.get("/projects/x").status_code == 404
    for path in ("99/people", "99/tasks/1.1", "99/close", "99/reopen"):
        assert pmso.post(f"/projects/{path}").status_code == 404
    assert pmso.post("/templates/nothing/start", data={}).status_code == 404
    assert "还没有项目" in pmso.get("/projects?page=0x1").get_data(as_text=True)


def test_naming_people_and_ticking_tasks(
    project: Project, login_as: Login, make_user: Callable[..., User]
) -> None:
    pmso, anna = login_as(Role.PMSO), login_as(Role.READER, "anna")
    page = f"/projects/{project.id}"
    assert "勾为完成" not in anna.get(page).get_data(as_text=True)
    assert anna.post(f"{page}/tasks/1.1", data={"done": "1"}).status_code == 404
    form = {"version": str(project.version), "role": ["甲", "乙"], "person": ["anna", ""]}
    pmso.post(f"{page}/people", data=form)
    text = anna.get(page).get_data(as_text=True)
    assert "Anna" in text and text.count("勾为完成") == 2
    anna.post(f"{page}/tasks/1.1", data={"done": "1"})
    assert "1 / 4" in anna.get(page).get_data(as_text=True)
    anna.post(f"{page}/tasks/1.1", data={})
    assert "0 / 4" in anna.get(page).get_data(as_text=True)
    # The same form again is older than the project by now.
    answer = pmso.post(f"{page}/people", data=form, follow_redirects=True)
    assert "有人在你之前改过" in answer.get_data(as_text=True)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_a_version_changes_nothing(
    version: str, project: Project, login_as: Login
) -> None:
    form = {"version": version, "role": "甲", "person": ""}
    answer = login_as(Role.PMSO).post(f"/projects/{project.id}/people", data=form)
    assert answer.status_code == 302


def test_a_learning_link_is_there_when_it_may_be_read(project: Project, login_as: Login) -> None:
    from tests.portal.plugins.test_rooms import publish

    reader = login_as(Role.READER)
    href = 'href="/tutorials/wbs-basics"'
    assert href not in reader.get(f"/projects/{project.id}").get_data(as_text=True)
    publish("tutorial", "wbs-basics")
    assert href in reader.get(f"/projects/{project.id}").get_data(as_text=True)


def test_slots_of_plugins_are_shown(
    write_plugin: Callable[..., object], project: Project, login_as: Login
) -> None:
    from portal.plugin_host import host

    write_plugin(
        "slots",
        """
        @hookimpl
        def portal_template_slots(ctx):
            def render(ctx, viewer, subject):
                return f"slot:{subject.title}"
            return [TemplateSlot(name.replace(".", "_"), name, render)
                    for name in ("project.top", "project.end", "template.end")]
        """,
    )
    host().reload()
    reader = login_as(Role.READER)
    assert reader.get(f"/projects/{project.id}").get_data(as_text=True).count("slot:新仓库") == 2
    assert "slot:小项目" in reader.get("/templates/small").get_data(as_text=True)
