"""People, tasks done, the end of a project; two who change at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.problems import ProblemError
from portal.accounts.models import User
from portal.db import db
from portal.projects import service
from portal.projects.models import Project


def test_roles_get_people(project: Project, lead: User, make_user: Callable[..., User]) -> None:
    make_user("anna")
    service.assign(lead, project.id, {"甲": " Anna "}, project.version)
    assert project.people == {"甲": "anna", "乙": ""}
    view = service.view_of(project)
    assert view.people == {"甲": "anna"}
    assert [task.assignee for task in view.tasks] == ["anna", "", "anna", ""]


@pytest.mark.parametrize(
    ("role", "name", "says"),
    [("丙", "anna", "丙"), ("甲", "nobody", "nobody"), ("甲", "gone", "gone")],
)
def test_who_cannot_be_named(
    role: str, name: str, says: str, project: Project, lead: User, make_user: Callable[..., User]
) -> None:
    make_user("anna")
    make_user("gone", active=False)
    with pytest.raises(ProblemError, match=says):
        service.assign(lead, project.id, {role: name}, project.version)
    assert project.people == {"甲": "", "乙": ""}


def test_the_slower_of_two_is_told(
    project: Project, lead: User, make_user: Callable[..., User]
) -> None:
    make_user("anna")
    seen = project.version
    service.assign(lead, project.id, {"甲": "anna"}, seen)
    with pytest.raises(ProblemError, match="JS-5001"):
        service.assign(lead, project.id, {"甲": ""}, seen)
    db.session.rollback()
    assert project.people["甲"] == "anna"


def test_tasks_are_marked_by_their_own_people_only(
    project: Project, lead: User, make_user: Callable[..., User]
) -> None:
    anna = make_user("anna")
    service.assign(lead, project.id, {"甲": "anna"}, project.version)
    service.set_done(anna, project.id, "1.1", done=True)
    for wbs in ("1.2", "2.1", "9.9"):
        with pytest.raises(ProblemError, match=wbs.replace(".", r"\.")):
            service.set_done(anna, project.id, wbs, done=True)
    service.set_done(lead, project.id, "2.1", done=True)
    assert [task.wbs for task in project.tasks if task.done_at] == ["1.1", "2.1"]
    first = project.tasks[0].done_at
    service.set_done(anna, project.id, "1.1", done=True)
    assert project.tasks[0].done_at == first
    service.set_done(anna, project.id, "1.1", done=False)
    assert project.tasks[0].done_at is None


def test_nothing_changes_in_a_closed_project(project: Project, lead: User) -> None:
    service.close(lead, project.id)
    changes: tuple[Callable[[], None], ...] = (
        lambda: service.close(lead, project.id),
        lambda: service.set_done(lead, project.id, "1.1", done=True),
        lambda: service.assign(lead, project.id, {}, project.version),
    )
    for change in changes:
        with pytest.raises(ProblemError, match="已经结束"):
            change()
    service.reopen(lead, project.id)
    service.set_done(lead, project.id, "1.1", done=True)
    with pytest.raises(ProblemError, match="还开着"):
        service.reopen(lead, project.id)


def test_the_list_has_open_projects_first_and_counts(project: Project, lead: User) -> None:
    newer = service.start(lead, "small", "后来的", project.start)
    service.close(lead, newer.id)
    service.set_done(lead, project.id, "1.1", done=True)
    lines = service.board().lines
    assert [(line.project.title, line.done, line.tasks) for line in lines] == [
        ("新仓库", 1, 4),
        ("后来的", 0, 4),
    ]
    assert service.board(99).page == 1
