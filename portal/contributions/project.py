"""What plugins add to projects: health signals; and what they see of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.plugin_host.context import PluginContext


@dataclass(frozen=True)
class PlannedTask:
    """A task of a plan. `assignee` is a login name; `start` and `finish` are None in a template."""

    wbs: str
    name: str
    days: float = 0
    hours: float = 0
    role: str = ""
    assignee: str = ""
    start: date | None = None
    finish: date | None = None
    done: bool = False
    milestone: bool = False


@dataclass(frozen=True)
class ProjectView:
    """A project as plugins see it: a copy. A template that is looked over has the id 0."""

    id: int
    title: str
    url: str
    template: str = ""
    tasks: tuple[PlannedTask, ...] = ()
    today: date | None = None
    """The day to judge by; None for a template, which has no dates."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Role in the project → login name of who has it."""


@dataclass(frozen=True)
class Deduction:
    """Why a plan is not in full health: `points` off 100, the reason, the place that mends it.

    `reason` is a source string with ``%(name)s`` placeholders filled from `params`.
    """

    points: int
    reason: str
    url: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HealthSignal:
    """Tells how healthy a plan is. `assess(ctx, project)` gives what to take off."""

    name: str
    title: str
    assess: Callable[[PluginContext, ProjectView], Iterable[Deduction]]
