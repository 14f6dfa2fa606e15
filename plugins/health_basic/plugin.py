"""What a plan commonly lacks: tasks small enough, somebody for each, dates that are kept."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from portal.api import (
    N_,
    Deduction,
    HealthSignal,
    PlannedTask,
    PluginContext,
    PluginManifest,
    ProjectView,
    hookimpl,
)

TOO_BIG, NOBODY, LATE = 5, 4, 6
"""Points off for each finding."""


class Config(BaseModel):
    """What an administrator can set."""

    model_config = ConfigDict(frozen=True)

    max_hours: float = Field(
        default=80,
        gt=0,
        le=10_000,
        title=N_("一项任务最多多少工时"),
        description=N_("超过就该再拆"),
    )
    max_days: float = Field(
        default=15,
        gt=0,
        le=1_000,
        title=N_("一项任务最多多少个工作日"),
        description=N_("超过就该再拆"),
    )


manifest = PluginManifest(
    name="health_basic",
    title=N_("基本体检"),
    summary=N_("任务拆得够不够细、有没有人负责、有没有逾期"),
    category="project",
    config=Config,
)


def undecomposed(ctx: PluginContext, project: ProjectView) -> Iterator[Deduction]:
    """Tasks too big to see how far they have come."""
    config: Config = ctx.config
    for task in project.tasks:
        params = {"wbs": task.wbs, "name": task.name}
        if task.done:
            continue
        if task.hours > config.max_hours:
            yield Deduction(
                TOO_BIG,
                N_("%(wbs)s「%(name)s」有 %(hours)s 工时，太大，看不出进展；拆成几项"),
                _place(project, task),
                {**params, "hours": f"{task.hours:g}"},
            )
        elif task.days > config.max_days:
            yield Deduction(
                TOO_BIG,
                N_("%(wbs)s「%(name)s」要 %(days)s 个工作日，太长，晚了才知道；拆成几项"),
                _place(project, task),
                {**params, "days": f"{task.days:g}"},
            )


def nobody_responsible(ctx: PluginContext, project: ProjectView) -> Iterator[Deduction]:
    """Tasks without a role; in a project also roles without a person, each role once."""
    missing: set[str] = set()
    for task in project.tasks:
        if task.done:
            continue
        if not task.role:
            reason = N_("%(wbs)s「%(name)s」没写由谁负责；定一个角色")
            params = {"wbs": task.wbs, "name": task.name}
            yield Deduction(NOBODY, reason, _place(project, task), params)
        elif project.id and task.role not in project.people and task.role not in missing:
            missing.add(task.role)
            reason = N_("「%(role)s」还没有人，从 %(wbs)s 起的任务没人做；把人定下来")
            params = {"role": task.role, "wbs": task.wbs}
            yield Deduction(NOBODY, reason, _place(project, task), params)


def overdue(ctx: PluginContext, project: ProjectView) -> Iterator[Deduction]:
    """Tasks whose last day is over and that are not done. A template has no days."""
    if project.today is None:
        return
    for task in project.tasks:
        if task.finish is not None and not task.done and task.finish < project.today:
            yield Deduction(
                LATE,
                N_("%(wbs)s「%(name)s」应在 %(day)s 做完，已晚 %(late)s 天；做完了就勾上"),
                _place(project, task),
                {
                    "wbs": task.wbs,
                    "name": task.name,
                    "day": task.finish.isoformat(),
                    "late": (project.today - task.finish).days,
                },
            )


def _place(project: ProjectView, task: PlannedTask) -> str:
    return f"{project.url}#task-{task.wbs}"


@hookimpl
def portal_health_signals(ctx: PluginContext) -> tuple[HealthSignal, ...]:
    """The three of them."""
    return (
        HealthSignal("undecomposed", N_("拆分"), undecomposed),
        HealthSignal("nobody_responsible", N_("责任人"), nobody_responsible),
        HealthSignal("overdue", N_("逾期"), overdue),
    )
