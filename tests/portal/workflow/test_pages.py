"""Steps on the project's page: who may open which address, the forms, bad input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.projects import service as projects
from portal.projects.models import Project
from portal.workflow import service
from portal.workflow.models import RunState
from tests.portal.workflow.conftest import Robot, only, steps

Login = Callable[..., FlaskClient]

ROUTES = [
    # (method, address, least role)
    ("get", "/projects/{id}/steps/new/sign", Role.PMSO),
    ("post", "/projects/{id}/steps/new/sign", Role.PMSO),
    ("post", "/projects/{id}/steps/{step}/act", Role.PMSO),
    ("post", "/projects/{id}/steps/{step}/retry", Role.PMSO),
    ("post", "/projects/{id}/steps/{step}/remove", Role.PMSO),
]


@pytest.mark.parametrize(("method", "address", "least"), ROUTES)
@pytest.mark.parametrize("role", [None, Role.READER, Role.REVIEWER, Role.PMSO, Role.ADMIN])
def test_who_may_open_what(
    method: str,
    address: str,
    least: Role,
    role: Role | None,
    project: Project,
    lead: User,
    robot: Robot,
    client: FlaskClient,
    login_as: Login,
) -> None:
    robot("return Done('ok')")
    service.add(lead, project.id, "sign", "", {})
    browser = client if role is None else login_as(role)
    path = address.format(id=project.id, step=only().id)
    answer = getattr(browser, method)(path, data={"outcome": "ok"})
    if role is None:
        assert answer.status_code == 302 and "/login" in answer.headers["Location"]
        assert only().state is RunState.ACTIVE
    elif not role.at_least(least):
        assert answer.status_code == 404
        assert only().state is RunState.ACTIVE
    else:
        assert answer.status_code in (200, 302)
        assert "/login" not in answer.headers.get("Location", "")


def test_somebody_of_the_project_acts_but_does_not_arrange(
    project: Project, lead: User, robot: Robot, login_as: Login
) -> None:
    robot("return Done('ok')")
    anna = login_as(Role.READER, "anna")
    projects.assign(lead, project.id, {"甲": "anna"}, project.version)
    service.add(lead, project.id, "sign", "<b>签</b>", {"words": "<i>字</i>"})
    page = f"/projects/{project.id}"
    text = anna.get(page).get_data(as_text=True)
    assert 'value="ok"' in text and 'value="no"' in text and "成了" in text
    assert "&lt;b&gt;签&lt;/b&gt;" in text and "&lt;i&gt;字&lt;/i&gt;" in text
    assert "加一步" not in text and "撤掉这一步" not in text
    assert anna.get(f"{page}/steps/new/sign").status_code == 404
    assert anna.post(f"{page}/steps/{only().id}/remove").status_code == 404
    answer = anna.post(
        f"{page}/steps/{only().id}/act",
        data={"outcome": "no", "note": "缺章"},
        follow_redirects=True,
    )
    text = answer.get_data(as_text=True)
    assert "这一步办好了" in text and "缺章" in text and "不成" in text
    again = anna.post(
        f"{page}/steps/{only().id}/act", data={"outcome": "ok"}, follow_redirects=True
    )
    assert "已经办过了" in again.get_data(as_text=True)
    assert only().outcome == "no"


def test_every_kind_that_can_be_done_has_a_form_filled_with_its_example(
    project: Project, login_as: Login
) -> None:
    pmso = login_as(Role.PMSO)
    page = pmso.get(f"/projects/{project.id}").get_data(as_text=True)
    for name in ("form", "approval", "checklist", "notify", "timer", "training_gate"):
        address = f"/projects/{project.id}/steps/new/{name}"
        assert f'href="{address}"' in page
        assert pmso.get(address).status_code == 200
    for name in ("condition", "parallel", "nothing"):
        assert f"/steps/new/{name}" not in page
        assert pmso.get(f"/projects/{project.id}/steps/new/{name}").status_code == 404
        assert pmso.post(f"/projects/{project.id}/steps/new/{name}").status_code == 404


def test_refused_settings_come_back_with_what_was_typed(project: Project, login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    address = f"/projects/{project.id}/steps/new/notify"
    form = {"step-title": "告知 大家", "to": "老王", "subject": "<标题>"}
    answer = pmso.post(address, data=form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "格式不对" in text and "&lt;标题&gt;" in text and "告知 大家" in text
    answer = pmso.post(address, data={**form, "to": "user:lena", "step-title": "长" * 200})
    assert answer.status_code == 400 and "步骤名称太长" in answer.get_data(as_text=True)
    assert steps() == []


@pytest.mark.parametrize("path", ["99/steps/1/act", "1/steps/99/act", "1/steps/99/retry"])
def test_nothing_there(path: str, project: Project, login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    answer = pmso.post(f"/projects/{path}", data={"outcome": "ok"}, follow_redirects=True)
    if path.startswith("99"):
        assert answer.status_code == 404
    else:
        assert "没有这一步" in answer.get_data(as_text=True)


def test_a_closed_project_can_only_be_read(
    project: Project, lead: User, robot: Robot, login_as: Login
) -> None:
    robot("return Done('ok')")
    service.add(lead, project.id, "sign", "", {})
    projects.close(lead, project.id)
    pmso = login_as(Role.PMSO)
    text = pmso.get(f"/projects/{project.id}").get_data(as_text=True)
    assert "已结束" in text and "接着做" in text
    for gone in ("勾为完成", "加一步", "撤掉这一步", 'name="outcome"', "保存人员"):
        assert gone not in text
    assert pmso.get(f"/projects/{project.id}/steps/new/sign").status_code == 404
