"""What the steps that need nobody do by themselves: notify, and wait."""

from __future__ import annotations

from datetime import timedelta

from plugins.steps_basic.models import NotifyConfig, TimerConfig
from portal.api import (
    N_,
    Done,
    PluginContext,
    Problem,
    ProblemError,
    ProjectView,
    StepRun,
    Wait,
)


def send(ctx: PluginContext, step: StepRun) -> Done:
    """Tell each person once. Raises ProblemError JS-4001 for a person or role that is not there.

    Everybody is found out before anybody is told, so that most mistakes tell nobody twice.
    """
    config: NotifyConfig = step.config
    people = dict.fromkeys(_login(who, step.project) for who in config.to)
    for name in people:
        if not ctx.notify(name, config.subject, config.body, step.project.url):
            raise _refuse(
                N_("没有账号 %(name)s，通知没有发给他"),
                N_("让管理员建好这个账号，再试一次；在他之前的人会再收到一遍"),
                name=name,
            )
    return Done("sent", "、".join(people))


def wait(ctx: PluginContext, step: StepRun) -> Done | Wait:
    """Until so many hours after the step was reached. Raises ProblemError for a form's date."""
    config: TimerConfig = step.config
    if config.hours is None:
        raise _refuse(
            N_("等到表单栏目 %(field)s 里的那一天：项目里还没有这张表单"),
            N_("撤掉这一步，改用「等几个小时」"),
            field=config.until_field,
        )
    until = step.entered_at + timedelta(hours=config.hours)
    return Done("elapsed") if step.now >= until else Wait(until=until)


def _login(who: str, project: ProjectView) -> str:
    """The login name of ``user:…`` or ``role:…``."""
    kind, _, name = who.partition(":")
    if kind == "user":
        return name.strip()
    if kind != "role":
        raise _refuse(
            N_("通知不到 %(who)s：现在只认 user: 和 role:"),
            N_("撤掉这一步，写成 user:账号 或 role:项目角色 再加上"),
            who=who,
        )
    found = project.people.get(name.strip())
    if not found:
        raise _refuse(
            N_("项目里的角色「%(role)s」还没有人"),
            N_("在项目页的「人员」里填上，再试一次"),
            role=name.strip(),
        )
    return found


def _refuse(message: str, remedy: str, **params: object) -> ProblemError:
    return ProblemError(Problem("JS-4001", message, remedy, params=params))
