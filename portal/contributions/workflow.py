"""What plugins add to flows: kinds of step, and what a step says when it has run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from portal.contributions.project import ProjectView
from portal.project_template import LearningLink

if TYPE_CHECKING:
    from portal.plugin_host.context import PluginContext


@dataclass(frozen=True)
class Outcome:
    """One way a step can end; flows branch on `name`."""

    name: str
    title: str


@dataclass(frozen=True)
class WorkflowStepKind:
    """A kind of step that a flow can be built of.

    `human`: somebody has to act. `enter(ctx, step)` does what the step does by itself and says how
    it went (`Done`, `Wait` or `Retry`); what it raises is kept, the step is *failed* and can be
    tried again. `repeat_safe`: doing it twice does no harm, so that it may be tried again after a
    crash. `example` is a config that `config_model` accepts. A kind that is neither `human` nor
    has `enter` is only described.
    """

    name: str
    title: str
    description: str
    config_model: type[BaseModel]
    outcomes: tuple[Outcome, ...]
    human: bool = False
    repeat_safe: bool = True
    example: Mapping[str, Any] = field(default_factory=dict)
    learn: tuple[LearningLink, ...] = ()
    enter: Callable[[PluginContext, StepRun], StepResult] | None = None


@dataclass(frozen=True)
class Done:
    """The step has ended with `outcome`, the name of one of its kind's outcomes."""

    outcome: str
    note: str = ""


@dataclass(frozen=True)
class Wait:
    """The step goes on later: at `until`, or (None) when somebody acts."""

    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Retry:
    """It did not work this time, and trying again may help: after `seconds`."""

    note: str
    seconds: float = 60.0


StepResult = Done | Wait | Retry


@dataclass(frozen=True)
class StepRun:
    """A step that is being done: what `WorkflowStepKind.enter` is told.

    `key` stays the same however often the step is tried: hand it to other systems as their
    idempotency key. `config` is an instance of the kind's `config_model`. `entered_at` is when
    the step was reached first, `now` is now (both aware, UTC). `attempt` counts from 1.
    """

    key: str
    kind: str
    title: str
    config: Any
    project: ProjectView
    entered_at: datetime
    now: datetime
    attempt: int = 1


@dataclass(frozen=True)
class StepView:
    """What an event tells about a step that has ended."""

    key: str
    kind: str
    title: str
    outcome: str
    project: ProjectView
    by: str = ""
    """Login name of whoever ended it; empty: nobody, it ran by itself."""
