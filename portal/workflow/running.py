"""Running steps: whatever is due, each by one worker only, plugin code outside any transaction.

A worker first claims a step in a transaction of its own, then calls the plugin, then keeps the
result in a second transaction. One that dies in between leaves the claim behind; when that has
run out, the step is tried again, or, where doing it twice would do harm, put before somebody.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from kb.problems import Problem, ProblemError
from portal.contributions import Done, ProjectView, Retry, StepRun, StepView, Wait, WorkflowStepKind
from portal.db import db, utcnow, write
from portal.plugin_host import host
from portal.plugin_host.calls import Fault
from portal.plugin_host.config import validate
from portal.plugin_host.context import PluginContext
from portal.projects import service as projects
from portal.projects.models import Project
from portal.workflow import faults, results
from portal.workflow.catalogue import runnable
from portal.workflow.models import RunState, RunStep

log = logging.getLogger("portal.workflow")

STEP_SECONDS = 30.0
"""How long a step may take to enter."""
CLAIM = timedelta(seconds=3 * STEP_SECONDS)
"""After this a claim is void: whoever made it is no more."""
BREATH = timedelta(seconds=1)
"""A step that waits is left alone at least so long."""

OPEN = (RunState.ACTIVE, RunState.RETRY)


@dataclass(frozen=True)
class Claim:
    """A step that this worker, and no other, may enter now."""

    step_id: int
    attempt: int
    plugin: str
    kind: WorkflowStepKind
    key: str
    title: str
    config: dict[str, Any]
    entered_at: datetime
    project: ProjectView


def run_due(now: datetime | None = None, project_id: int | None = None) -> int:
    """Run what is due at `now` (everywhere, or in one project) and what follows from it; gives
    how many steps were looked at. Each step is tried once at most.
    """
    seen: set[int] = set()
    while True:
        fresh = [step for step in _due(now or utcnow(), project_id) if step not in seen]
        if not fresh:
            return len(seen)
        for step_id in fresh:
            seen.add(step_id)
            claim = _claim(step_id, now)
            if claim is not None:
                _keep(claim, _enter(claim, now), now)


def activate(step: RunStep, now: datetime) -> None:
    """The step's turn has come; inside the caller's transaction."""
    known = runnable().get(step.kind)
    step.state = RunState.ACTIVE
    step.entered_at = step.entered_at or now
    # A kind that is missing is looked at as well: that is when it is found missing.
    step.due_at = now if known is None or known.item.enter is not None else None


def activate_next(session: Session, project_id: int, now: datetime) -> None:
    """The first step that waits becomes active; inside the caller's transaction, with the
    project locked.
    """
    session.flush()
    waiting = select(RunStep).where(
        RunStep.project_id == project_id, RunStep.state == RunState.WAITING
    )
    step = session.scalar(waiting.order_by(RunStep.position).limit(1))
    if step is not None:
        activate(step, now)


def lock(session: Session, project_id: int) -> Project | None:
    """The project, with nobody else changing its steps until the transaction ends."""
    return session.get(Project, project_id, with_for_update=True)


def end(
    session: Session, step: RunStep, outcome: str, note: str, by: str, now: datetime
) -> StepView:
    """The step is done and the next one active; inside the caller's transaction, with the project
    locked. Gives what plugins are told after the commit.
    """
    step.state, step.outcome, step.note = RunState.DONE, outcome, faults.clean(note)
    step.ended_at, step.ended_by = now, by
    step.due_at = step.claimed_at = None
    step.problem = {}
    activate_next(session, step.project_id, now)
    project = session.get_one(Project, step.project_id)
    return StepView(step.key, step.kind, step.title, outcome, projects.view_of(project), by)


def _due(now: datetime, project_id: int | None) -> list[int]:
    kinds = list(runnable())
    query = (
        select(RunStep.id)
        .join(Project, Project.id == RunStep.project_id)
        .where(
            Project.closed_at.is_(None),
            or_(
                and_(RunStep.state.in_(OPEN), RunStep.due_at <= now),
                and_(RunStep.state.in_(OPEN), RunStep.kind.not_in(kinds)),
                and_(RunStep.state == RunState.BLOCKED, RunStep.kind.in_(kinds)),
            ),
        )
        .order_by(RunStep.project_id, RunStep.position)
    )
    if project_id is not None:
        query = query.where(RunStep.project_id == project_id)
    return list(db.session.scalars(query))


def _claim(step_id: int, now: datetime | None) -> Claim | None:
    """Take a step for this worker; None when there is nothing to enter (any more)."""
    with write() as session:
        step = session.get(RunStep, step_id, with_for_update=True)
        moment = _moment(now)
        if step is None or step.state not in (*OPEN, RunState.BLOCKED):
            return None
        known = runnable().get(step.kind)
        if known is None:
            step.state, step.problem = RunState.BLOCKED, faults.pack(faults.no_kind(step.kind))
            step.due_at = step.claimed_at = None
            return None
        kind: WorkflowStepKind = known.item
        if step.state is RunState.BLOCKED:
            step.problem = {}
            activate(step, moment)
        if step.due_at is None or step.due_at > moment or kind.enter is None:
            return None
        if step.claimed_at is not None and not kind.repeat_safe:
            step.state, step.problem = RunState.FAILED, faults.pack(faults.INTERRUPTED)
            step.due_at = step.claimed_at = None
            return None
        step.attempts += 1
        step.claimed_at, step.due_at = moment, moment + CLAIM
        return Claim(
            step_id=step.id,
            attempt=step.attempts,
            plugin=known.plugin,
            kind=kind,
            key=step.key,
            title=step.title,
            config=dict(step.config),
            entered_at=step.entered_at or moment,
            project=projects.view_of(session.get_one(Project, step.project_id)),
        )


def _enter(claim: Claim, now: datetime | None) -> Done | Wait | Retry | Problem:
    """Call the plugin, outside any transaction; what went wrong comes back as a Problem."""
    kind = claim.kind

    def work(ctx: PluginContext) -> Done | Wait | Retry:
        assert kind.enter is not None  # else it would not have been claimed
        config, wrong = validate(kind.config_model, claim.config, kind.name, in_file=False)
        if config is None:
            raise ProblemError(faults.config_outdated(kind.title, wrong[0]))
        step = StepRun(
            key=claim.key,
            kind=kind.name,
            title=claim.title,
            config=config,
            project=claim.project,
            entered_at=claim.entered_at,
            now=_moment(now),
            attempt=claim.attempt,
        )
        return results.checked(kind, kind.enter(ctx, step))

    # A read transaction must not stay open as long as a plugin takes.
    db.session.rollback()
    result = host().call(claim.plugin, f"step {kind.name}", work, STEP_SECONDS)
    if isinstance(result, Fault):
        return faults.of(claim.plugin, kind.name, result, STEP_SECONDS)
    return result


def _keep(claim: Claim, result: Done | Wait | Retry | Problem, now: datetime | None) -> None:
    """Write down what came of a step; tell plugins when it has ended."""
    ended: StepView | None = None
    with write() as session:
        step = session.get(RunStep, claim.step_id)
        if step is not None:
            lock(session, step.project_id)
            session.refresh(step, with_for_update=True)
        if step is None or step.claimed_at is None or step.attempts != claim.attempt:
            log.warning("%s: came too late, somebody else has taken the step over", claim.key)
            return
        moment = _moment(now)
        step.claimed_at, step.problem = None, {}
        if isinstance(result, Done):
            ended = end(session, step, result.outcome, result.note, "", moment)
        elif isinstance(result, Wait):
            step.state, step.note = RunState.ACTIVE, faults.clean(result.note)
            step.due_at = result.until and max(result.until, moment + BREATH)
        elif isinstance(result, Retry):
            step.state, step.note = RunState.RETRY, faults.clean(result.note)
            step.due_at = moment + timedelta(seconds=result.seconds)
        else:
            step.state, step.due_at = RunState.FAILED, None
            step.problem = faults.pack(result)
    if ended is not None:
        host().emit("step_finished", step=ended)


def _moment(now: datetime | None) -> datetime:
    """Now, or `now` when that is later."""
    current = utcnow()
    return current if now is None else max(now, current)
