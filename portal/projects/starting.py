"""Starting a project: a template's plan becomes tasks with dates."""

from __future__ import annotations

from datetime import date

from kb.problems import N_, ProblemError
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.contributions import ProjectTemplate
from portal.db import write
from portal.plugin_host import host
from portal.projects import faults
from portal.projects.calendar import span
from portal.projects.gallery import HOOK, plan_of, template_named
from portal.projects.models import Project, ProjectTask
from portal.projects.reading import view_of
from portal.projects.schedule import CycleError

LONGEST_TITLE = 120
FIRST_YEAR, LAST_YEAR = 2000, 2100


def start(actor: User, template_name: str, title: str, start: date) -> Project:
    """Start a project from the template `template_name`; plugins are told (`project_created`).

    Raises ProblemError: JS-6001 for the title, the date or an unknown template, JS-4001 for a
    template whose tasks wait for each other or whose dates cannot be reckoned.
    """
    title = _title(title)
    if not FIRST_YEAR <= start.year < LAST_YEAR:
        raise faults.refuse(
            N_("开工日期 %(day)s 不像是真的"),
            N_("填 %(first)s 年到 %(last)s 年之间的一天"),
            "start",
            day=start.isoformat(),
            first=FIRST_YEAR,
            last=LAST_YEAR - 1,
        )
    template = template_named(template_name)
    if template is None:
        raise faults.refuse(
            N_("没有名为 %(name)s 的模板"),
            N_("到模板页另选一个；它来自插件，可能刚被停用"),
            name=template_name[:60],
        )
    tasks = _tasks(template, start)
    plugin = host().origin(HOOK, template.name)
    with write() as session:
        project = Project(
            title=title,
            template=template.name,
            template_version=template.version,
            plugin=plugin.name if plugin else "",
            start=min((task.start for task in tasks), default=start),
            people=dict.fromkeys((role.name for role in template.roles), ""),
            created_by_id=actor.id,
            tasks=tasks,
        )
        session.add(project)
        session.flush()
        accounts.audit(actor, "project.start", title, project=project.id, template=template.name)
    host().emit("project_created", project=view_of(project))
    return project


def day_of(text: str) -> date:
    """The day written like 2026-03-02. Raises ProblemError JS-6001."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise faults.refuse(
            N_("开工日期「%(text)s」不是一个日期"),
            N_("写成 2026-03-02 这样"),
            "start",
            text=text[:20],
        ) from None


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise faults.refuse(N_("项目还没有名称"), N_("写一个别人一看就懂的名称"), "title")
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise faults.refuse(
            N_("项目名称太长，或有看不见的字符"),
            N_("写在 %(most)s 个字以内，一行"),
            "title",
            most=LONGEST_TITLE,
        )
    return title


def _tasks(template: ProjectTemplate, start: date) -> list[ProjectTask]:
    try:
        plan = plan_of(template)
        placed = {
            wbs: span(start, place.early_start, place.early_finish)
            for wbs, place in plan.placed.items()
        }
    except CycleError as error:
        raise ProblemError(faults.cycle(template, error)) from None
    except (OverflowError, ValueError):
        raise faults.refuse(
            N_("模板 %(name)s 的工期长得算不出日期"),
            N_("请插件作者检查各项任务的工作日数"),
            name=template.title,
        ) from None
    phases = {phase.wbs: phase.name for phase in template.phases}
    return [
        ProjectTask(
            position=position,
            wbs=task.wbs,
            phase=phases[task.wbs.split(".")[0]],
            name=task.name,
            role=task.role,
            deliverable=task.deliverable,
            days=float(task.days),
            hours=float(task.hours),
            start=placed[task.wbs][0],
            finish=placed[task.wbs][1],
            milestone=task.milestone,
        )
        for position, task in enumerate(
            task for phase in template.phases for task in template.tasks_in(phase)
        )
    ]
