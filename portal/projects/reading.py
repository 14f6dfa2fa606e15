"""Projects as they are looked at: the list, one project's page, what plugins see of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import selectinload

from portal.accounts.models import Role, User
from portal.contributions import LearningLink, PlannedTask, ProjectView
from portal.db import db, utcnow
from portal.library.service import leading, readable
from portal.plugin_host import host
from portal.projects.gallery import template_named
from portal.projects.health import Health, assess
from portal.projects.models import Project, ProjectTask

PAGE = 30


@dataclass(frozen=True)
class ProjectLine:
    """A project in the list, with how far it has come."""

    project: Project
    tasks: int
    done: int
    finish: date | None
    overdue: int


@dataclass(frozen=True)
class Board:
    """A page of the list."""

    lines: tuple[ProjectLine, ...]
    page: int
    pages: int
    today: date


@dataclass(frozen=True)
class TaskLine:
    """A task on the project's page, who has it, what is worth reading, what the reader may do."""

    task: ProjectTask
    who: str
    learn: tuple[LearningLink, ...]
    may_mark: bool
    overdue: bool


@dataclass(frozen=True)
class PhaseLines:
    """The tasks of a phase; `wbs` is the phase's number."""

    wbs: str
    name: str
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True)
class ProjectPage:
    """Everything about a project but its steps."""

    project: Project
    view: ProjectView
    template_title: str
    plugin_title: str
    phases: tuple[PhaseLines, ...]
    health: Health | None
    names: Mapping[str, str]
    """Login name → what people call him."""
    done: int
    finish: date | None
    may_lead: bool


def today() -> date:
    """The day it is where the portal stands."""
    return utcnow().astimezone(ZoneInfo(host().settings.timezone)).date()


def project(project_id: int) -> Project | None:
    """The project with this id."""
    return db.session.get(Project, project_id)


def view_of(project: Project) -> ProjectView:
    """What plugins see of a project: a copy."""
    people = {role: str(name) for role, name in project.people.items() if name}
    tasks = tuple(
        PlannedTask(
            wbs=task.wbs,
            name=task.name,
            days=task.days,
            hours=task.hours,
            role=task.role,
            assignee=people.get(task.role, ""),
            start=task.start,
            finish=task.finish,
            done=task.done_at is not None,
            milestone=task.milestone,
        )
        for task in project.tasks
    )
    url = f"/projects/{project.id}"
    return ProjectView(project.id, project.title, url, project.template, tasks, today(), people)


def leads(user: User | None) -> bool:
    """May `user` start and lead projects?"""
    return user is not None and user.role.at_least(Role.PMSO)


def may_act(project: Project, user: User | None) -> bool:
    """May `user` act in the project: lead it, or is he one of its people?"""
    return leads(user) or (user is not None and user.name in project.people.values())


def board(page: int = 1) -> Board:
    """The projects: open ones first, then the newest."""
    total = db.session.scalar(select(func.count()).select_from(Project)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    query = (
        select(Project)
        .options(selectinload(Project.created_by))
        .order_by(case((Project.closed_at.is_(None), 0), else_=1), Project.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    projects = db.session.scalars(query).all()
    figures = _figures([project.id for project in projects])
    lines = tuple(
        ProjectLine(project, *figures.get(project.id, (0, 0, None, 0))) for project in projects
    )
    return Board(lines, page, pages, today())


def _figures(ids: Sequence[int]) -> dict[int, tuple[int, int, date | None, int]]:
    """Project → tasks, tasks done, last day, tasks overdue."""
    late = ProjectTask.done_at.is_(None) & (ProjectTask.finish < today())
    query = (
        select(
            ProjectTask.project_id,
            func.count(),
            func.count(ProjectTask.done_at),
            func.max(ProjectTask.finish),
            func.sum(case((late, 1), else_=0)),
        )
        .where(ProjectTask.project_id.in_(ids))
        .group_by(ProjectTask.project_id)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in db.session.execute(query)}


def project_page(project_id: int, user: User | None) -> ProjectPage | None:
    """The page of a project for `user`; None when there is none."""
    found = project(project_id)
    if found is None:
        return None
    template = template_named(found.template)
    links = {task.wbs: task.learn for task in template.tasks} if template else {}
    urls = readable([link for learn in links.values() for link in learn], user)
    view = view_of(found)
    plugin = host().plugin(found.plugin)
    phases = tuple(
        PhaseLines(
            wbs,
            tasks[0].phase,
            tuple(_line(found, view, task, links.get(task.wbs, ()), urls, user) for task in tasks),
        )
        for wbs, tasks in _by_phase(found.tasks)
    )
    return ProjectPage(
        project=found,
        view=view,
        template_title=template.title if template else "",
        plugin_title=plugin.title if plugin else found.plugin,
        phases=phases,
        health=assess(view),
        names=_names(view.people.values()),
        done=sum(task.done_at is not None for task in found.tasks),
        finish=max((task.finish for task in found.tasks), default=None),
        may_lead=leads(user) and found.closed_at is None,
    )


def _by_phase(tasks: Sequence[ProjectTask]) -> list[tuple[str, list[ProjectTask]]]:
    grouped = groupby(tasks, key=lambda task: task.wbs.split(".")[0])
    return [(wbs, list(group)) for wbs, group in grouped]


def _line(
    project: Project,
    view: ProjectView,
    task: ProjectTask,
    learn: tuple[LearningLink, ...],
    urls: frozenset[str],
    user: User | None,
) -> TaskLine:
    late = task.done_at is None and view.today is not None and task.finish < view.today
    return TaskLine(
        task,
        view.people.get(task.role, ""),
        leading(learn, urls),
        marks(project, task, user),
        late and project.closed_at is None,
    )


def task_of(project_id: int, wbs: str) -> ProjectTask | None:
    """The task with this number."""
    return db.session.scalar(
        select(ProjectTask).where(ProjectTask.project_id == project_id, ProjectTask.wbs == wbs)
    )


def may_mark(project_id: int, wbs: str, user: User | None) -> bool:
    """May `user` mark the task with this number? False when there is no such task."""
    found, task = project(project_id), task_of(project_id, wbs)
    return found is not None and task is not None and marks(found, task, user)


def marks(project: Project, task: ProjectTask, user: User | None) -> bool:
    """May `user` say that the task is done: while the project is open, its leader or assignee."""
    if user is None or project.closed_at is not None:
        return False
    return leads(user) or (bool(task.role) and project.people.get(task.role) == user.name)


def _names(logins: Iterable[str]) -> dict[str, str]:
    query = select(User.name, User.display_name).where(User.name.in_(set(logins)))
    return {row.name: row.display_name or row.name for row in db.session.execute(query)}
