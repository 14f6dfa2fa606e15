"""What changes in a project: who is in it, what is done, that it is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.orm.exc import StaleDataError

from kb.problems import N_
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.db import utcnow, write
from portal.projects import faults
from portal.projects.models import Project
from portal.projects.reading import marks, task_of


def assign(actor: User, project_id: int, people: Mapping[str, str], version: int) -> None:
    """Say who has which role: role → login name ("" for nobody). Other roles stay as they are.

    `version` is the project's when the form was made. Raises ProblemError: JS-6001 for a role or
    person that does not exist, JS-5001 when somebody was faster.
    """
    with _changing(project_id) as project:
        if project.version != version:
            raise faults.changed_meanwhile()
        named = dict(project.people)
        for role, name in people.items():
            if role not in named:
                raise faults.refuse(
                    N_("项目里没有「%(role)s」这个角色"),
                    N_("刷新页面，从列出的角色里选"),
                    role=role[:60],
                )
            named[role] = _login(name)
        if named != project.people:
            project.people = named
            accounts.audit(actor, "project.people", project.title, project=project.id, **named)


def set_done(actor: User, project_id: int, wbs: str, *, done: bool) -> None:
    """Mark a task as done, or as not done after all. Doing it twice changes nothing.

    Raises ProblemError JS-6001 for a task that is not there or not the actor's.
    """
    with _changing(project_id) as project:
        task = task_of(project_id, wbs)
        if task is None or not marks(project, task, actor):
            raise faults.refuse(
                N_("任务 %(wbs)s 不归你勾"), N_("请软件官或任务的负责人来勾"), wbs=wbs[:20]
            )
        if (task.done_at is not None) != done:
            task.done_at = utcnow() if done else None
            action = "project.task_done" if done else "project.task_undone"
            accounts.audit(actor, action, project.title, project=project.id, wbs=wbs)


def close(actor: User, project_id: int) -> None:
    """End the project: it stays to be read, nothing goes on in it. Raises ProblemError JS-6001."""
    with _changing(project_id) as project:
        project.closed_at = utcnow()
        accounts.audit(actor, "project.close", project.title, project=project.id)


def reopen(actor: User, project_id: int) -> None:
    """Go on with a closed project. Raises ProblemError JS-6001."""
    with _changing(project_id, closed=True) as project:
        project.closed_at = None
        accounts.audit(actor, "project.reopen", project.title, project=project.id)


@contextmanager
def _changing(project_id: int, *, closed: bool = False) -> Iterator[Project]:
    """A transaction on a project that is open (or `closed`)."""
    try:
        with write() as session:
            project = session.get(Project, project_id)
            if project is None:
                raise faults.no_project()
            if (project.closed_at is not None) != closed:
                message = N_("项目还开着") if closed else N_("项目已经结束")
                raise faults.refuse(message, N_("刷新页面，看看现在的情况"))
            yield project
    except StaleDataError:
        raise faults.changed_meanwhile() from None


def _login(name: str) -> str:
    name = name.strip()
    if not name:
        return ""
    user = accounts.find(name)
    if user is None or not user.active:
        raise faults.refuse(
            N_("没有账号 %(name)s，或已停用"), N_("填登录用的账号名"), name=name[:60]
        )
    return user.name
