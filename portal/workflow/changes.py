"""What people do with a project's steps: add one, act, try again, take one away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.problems import N_, Problem
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.db import utcnow, write
from portal.plugin_host import host
from portal.plugin_host.calls import Fault, attempt, explain
from portal.plugin_host.config import validate
from portal.plugin_host.forms import read_form
from portal.projects import service as projects
from portal.projects.models import Project
from portal.workflow import faults
from portal.workflow.catalogue import runnable
from portal.workflow.models import RunState, RunStep
from portal.workflow.running import activate, activate_next, end, lock, run_due

LONGEST_TITLE = 120
LONGEST_NOTE = 1000


def add(
    actor: User, project_id: int, kind_name: str, title: str, form: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Put a step at the end, with the settings typed into `form`; gives what is wrong with them
    (then nothing is added). An empty `title` becomes the kind's.

    Raises ProblemError JS-6002 for an unknown kind, a title too long, a project that is over.
    """
    known = runnable().get(kind_name)
    if known is None:
        raise faults.refuse(
            N_("没有能用的步骤种类 %(kind)s"), N_("回到项目页另选一种"), kind=kind_name[:60]
        )
    kind = known.item
    title = " ".join(title.split()) or kind.title
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise faults.refuse(
            N_("步骤名称太长，或有看不见的字符"),
            N_("写在 %(most)s 个字以内"),
            "step-title",
            most=LONGEST_TITLE,
        )
    values, problems = read_form(kind.config_model, form)
    if problems:
        return problems
    config, problems = validate(kind.config_model, values, kind_name, in_file=False)
    if config is None:
        return problems
    plain = attempt(lambda: config.model_dump(mode="json"))
    if isinstance(plain, Fault):
        return (explain(known.plugin, f"step {kind_name}", plain),)
    with write() as session:
        _open_project(session, project_id)
        last, left = session.execute(
            select(
                func.max(RunStep.position),
                func.count().filter(RunStep.state != RunState.DONE),
            ).where(RunStep.project_id == project_id)
        ).one()
        step = RunStep(
            project_id=project_id,
            position=(last or 0) + 1,
            kind=kind_name,
            title=title,
            config={key: plain[key] for key in values},
        )
        session.add(step)
        if not left:
            activate(step, utcnow())
        accounts.audit(actor, "step.add", title, project=project_id, kind=kind_name)
    run_due(project_id=project_id)
    return ()


def act(actor: User, project_id: int, step_id: int, outcome: str, note: str = "") -> bool:
    """End a step with `outcome`; False when it has ended already (a second click).

    Raises ProblemError JS-6002 when the step is not somebody's to end now, or not the actor's.
    """
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise faults.refuse(N_("备注太长"), N_("写在 %(most)s 个字以内"), most=LONGEST_NOTE)
    with _step(project_id, step_id) as (session, project, step):
        if not projects.may_act(project, actor):
            raise faults.refuse(N_("这一步不归你办"), N_("请软件官或项目里的人来办"))
        if step.state is RunState.DONE:
            return False
        known = runnable().get(step.kind)
        if known is None or not awaits_somebody(step, human=known.item.human):
            raise faults.refuse(N_("这一步现在没有要办的"), N_("刷新页面，看看现在的情况"))
        if outcome not in {one.name for one in known.item.outcomes}:
            raise faults.refuse(
                N_("这一步没有 %(outcome)s 这种结果"), N_("点页面上的按钮"), outcome=outcome[:60]
            )
        told = end(session, step, outcome, note, actor.name, utcnow())
        accounts.audit(actor, "step.act", step.title, project=project_id, outcome=outcome)
    host().emit("step_finished", step=told)
    run_due(project_id=project_id)
    return True


def try_again(actor: User, project_id: int, step_id: int) -> None:
    """Try a failed step again, or one that waits for its next try at once; anything else is left
    as it is (a second click). Raises ProblemError JS-6002 when it is not the actor's.
    """
    with _step(project_id, step_id) as (_session, project, step):
        if not projects.may_act(project, actor):
            raise faults.refuse(N_("这一步不归你办"), N_("请软件官或项目里的人来办"))
        if step.state not in (RunState.FAILED, RunState.RETRY) or step.claimed_at is not None:
            return
        step.problem = {}
        activate(step, utcnow())
        accounts.audit(actor, "step.retry", step.title, project=project_id)
    run_due(project_id=project_id)


def remove(actor: User, project_id: int, step_id: int) -> None:
    """Take away a step that is not done; if it was its turn, it is the next one's now.

    Raises ProblemError JS-6002 for a step that is done or being done.
    """
    with _step(project_id, step_id) as (session, _project, step):
        if step.state is RunState.DONE or step.claimed_at is not None:
            raise faults.refuse(N_("这一步做完了或正在做，撤不掉"), N_("刷新页面，看看现在的情况"))
        current = step.state is not RunState.WAITING
        accounts.audit(actor, "step.remove", step.title, project=project_id, kind=step.kind)
        session.delete(step)
        if current:
            activate_next(session, project_id, utcnow())
    run_due(project_id=project_id)


def awaits_somebody(step: RunStep, *, human: bool) -> bool:
    """Is it somebody's turn: a human step, or one that said it waits for somebody?"""
    waits = step.state is RunState.ACTIVE and step.claimed_at is None
    return waits and (human or step.due_at is None)


@contextmanager
def _step(project_id: int, step_id: int) -> Iterator[tuple[Session, Project, RunStep]]:
    """A transaction on a step of an open project, both locked."""
    with write() as session:
        project = _open_project(session, project_id)
        step = session.get(RunStep, step_id, with_for_update=True)
        if step is None or step.project_id != project_id:
            raise faults.refuse(N_("没有这一步，可能已被撤掉"), N_("刷新项目页"))
        yield session, project, step


def _open_project(session: Session, project_id: int) -> Project:
    project = lock(session, project_id)
    if project is None or project.closed_at is not None:
        raise faults.refuse(N_("没有这个项目，或它已经结束"), N_("到项目列表里看看"))
    return project
