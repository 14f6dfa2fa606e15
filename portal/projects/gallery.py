"""The template gallery: what templates there are, each with its plan."""

from __future__ import annotations

from dataclasses import dataclass

from kb.problems import Problem
from portal.accounts.models import User
from portal.contributions import LearningLink, ProjectTemplate, TemplatePhase, TemplateTask
from portal.library.service import leading, readable
from portal.plugin_host import host
from portal.projects.faults import cycle
from portal.projects.gantt import Chart, draw
from portal.projects.health import Health, assess, template_view
from portal.projects.schedule import CycleError, Placed, Schedule, schedule

HOOK = "portal_project_templates"


@dataclass(frozen=True)
class TemplateCard:
    """A template in the gallery; `days` is None when its links form a cycle."""

    template: ProjectTemplate
    plugin: str
    days: float | None
    hours: float


@dataclass(frozen=True)
class OutlineTask:
    """A task in the outline, with its dates. Only readable learning links are in it."""

    task: TemplateTask
    place: Placed | None
    learn: tuple[LearningLink, ...]


@dataclass(frozen=True)
class OutlinePhase:
    """A phase of the outline."""

    phase: TemplatePhase
    tasks: tuple[OutlineTask, ...]
    start: float
    finish: float


@dataclass(frozen=True)
class TemplatePage:
    """Everything the page of a template shows."""

    card: TemplateCard
    phases: tuple[OutlinePhase, ...]
    plan: Schedule | None
    chart: Chart | None
    problem: Problem | None
    health: Health | None
    learn: tuple[LearningLink, ...]


def plan_of(template: ProjectTemplate) -> Schedule:
    """The template's schedule. Raises CycleError."""
    return schedule({task.wbs: task.days for task in template.tasks}, template.links)


def template_named(name: str) -> ProjectTemplate | None:
    """The template `name`; None when no plugin gives it."""
    return next((one for one in host().project_templates() if one.name == name), None)


def gallery() -> tuple[TemplateCard, ...]:
    """Every template, in the order of their plugins."""
    return tuple(_card(template) for template in host().project_templates())


def template_page(name: str, user: User | None) -> TemplatePage | None:
    """The page of the template `name` for `user`; None when there is none."""
    template = template_named(name)
    if template is None:
        return None
    problem, plan = None, None
    try:
        plan = plan_of(template)
    except CycleError as error:
        problem = cycle(template, error)
    urls = readable(_all_links(template), user)
    return TemplatePage(
        card=_card(template),
        phases=tuple(_phase(template, phase, plan, urls) for phase in template.phases),
        plan=plan,
        chart=draw(template, plan) if plan else None,
        problem=problem,
        health=assess(template_view(template)),
        learn=leading(template.learn, urls),
    )


def _card(template: ProjectTemplate) -> TemplateCard:
    plugin = host().origin(HOOK, template.name)
    try:
        days: float | None = plan_of(template).duration
    except CycleError as error:
        days = None
        if plugin is not None:
            host().record(plugin, f"template {template.name}", cycle(template, error))
    hours = sum(task.hours for task in template.tasks)
    return TemplateCard(template, plugin.title if plugin else "", days, hours)


def _phase(
    template: ProjectTemplate,
    phase: TemplatePhase,
    plan: Schedule | None,
    urls: frozenset[str],
) -> OutlinePhase:
    tasks = tuple(
        OutlineTask(task, plan.placed[task.wbs] if plan else None, leading(task.learn, urls))
        for task in template.tasks_in(phase)
    )
    places = [task.place for task in tasks if task.place]
    return OutlinePhase(
        phase,
        tasks,
        min((place.early_start for place in places), default=0.0),
        max((place.early_finish for place in places), default=0.0),
    )


def _all_links(template: ProjectTemplate) -> list[LearningLink]:
    return [*template.learn, *(link for task in template.tasks for link in task.learn)]
