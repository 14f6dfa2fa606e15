"""A project's steps as its page shows them, and the form that adds one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from kb.problems import Problem
from portal.accounts.models import User
from portal.contributions import LearningLink, Outcome, WorkflowStepKind
from portal.db import db
from portal.library.service import leading, readable
from portal.plugin_host.calls import Fault, attempt
from portal.plugin_host.forms import FormField, form_fields
from portal.projects import service as projects
from portal.projects.models import Project
from portal.workflow import faults
from portal.workflow.catalogue import runnable
from portal.workflow.changes import awaits_somebody
from portal.workflow.models import RunState, RunStep


@dataclass(frozen=True)
class StepLine:
    """A step on the project's page. `outcomes` are the buttons the reader may press."""

    step: RunStep
    kind: WorkflowStepKind | None
    state: RunState
    outcome: str
    """What its outcome is called."""
    settings: tuple[FormField, ...]
    outcomes: tuple[Outcome, ...]
    problem: Problem | None
    learn: tuple[LearningLink, ...]
    awaited: bool
    """Somebody has to act, the reader or another."""
    may_retry: bool
    may_remove: bool


@dataclass(frozen=True)
class StepsPart:
    """The steps of a project, and the kinds of which the reader may add one."""

    lines: tuple[StepLine, ...]
    addable: tuple[WorkflowStepKind, ...]


@dataclass(frozen=True)
class AddPage:
    """The form that adds a step of `kind` to `project`."""

    project: Project
    kind: WorkflowStepKind
    fields: tuple[FormField, ...]


def steps_of(project: Project, user: User | None) -> StepsPart:
    """The steps of `project` as `user` sees them."""
    query = select(RunStep).where(RunStep.project_id == project.id).order_by(RunStep.position)
    kinds = {name: one.item for name, one in runnable().items()}
    lines = tuple(
        _line(project, step, kinds.get(step.kind), user) for step in db.session.scalars(query)
    )
    leads = projects.leads(user) and project.closed_at is None
    return StepsPart(lines, tuple(kinds.values()) if leads else ())


def add_page(
    project_id: int,
    kind_name: str,
    problems: tuple[Problem, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> AddPage | None:
    """The form for a step of this kind, filled with the kind's example, or with what was `typed`
    and refused; None when the kind or an open project is missing.
    """
    project, known = projects.project(project_id), runnable().get(kind_name)
    if project is None or project.closed_at is not None or known is None:
        return None
    kind = known.item
    fields = form_fields(kind.config_model, dict(kind.example), problems, typed=typed)
    return AddPage(project, kind, fields)


def _line(
    project: Project, step: RunStep, kind: WorkflowStepKind | None, user: User | None
) -> StepLine:
    alive = project.closed_at is None
    state, problem = step.state, faults.unpack(step.problem)
    if kind is None and state not in (RunState.DONE, RunState.WAITING):
        # The worker will find the same in a moment.
        state, problem = RunState.BLOCKED, faults.no_kind(step.kind)
    may_act = alive and projects.may_act(project, user)
    awaited = alive and kind is not None and awaits_somebody(step, human=kind.human)
    tried = state in (RunState.FAILED, RunState.RETRY) and step.claimed_at is None
    gone = state is RunState.DONE or step.claimed_at is not None
    return StepLine(
        step=step,
        kind=kind,
        state=state,
        outcome=_outcome(kind, step.outcome),
        settings=_settings(kind, step),
        outcomes=kind.outcomes if kind and awaited and may_act else (),
        problem=problem,
        learn=leading(kind.learn, readable(kind.learn, user)) if kind and awaited else (),
        awaited=awaited,
        may_retry=may_act and tried,
        may_remove=alive and projects.leads(user) and not gone,
    )


def _outcome(kind: WorkflowStepKind | None, name: str) -> str:
    titles = {one.name: one.title for one in kind.outcomes} if kind else {}
    return titles.get(name, name)


def _settings(kind: WorkflowStepKind | None, step: RunStep) -> tuple[FormField, ...]:
    """What was set for the step; nothing when its kind no longer understands it."""
    if kind is None:
        return ()
    fields = attempt(lambda: form_fields(kind.config_model, step.config))
    if isinstance(fields, Fault):
        return ()
    return tuple(field for field in fields if field.name in step.config and field.value)
