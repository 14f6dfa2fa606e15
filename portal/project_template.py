"""A project template: phases, tasks with their links, roles. Data that plugins contribute."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

LinkType = Literal["FS", "SS", "FF", "SF"]

LINK_NOTATION = re.compile(
    r"(?P<wbs>[0-9]+(?:\.[0-9]+)*)(?P<type>FS|SS|FF|SF)?(?P<lag>[+-][0-9]+(?:\.[0-9]+)?)?"
)
"""How links are written: ``1.2`` (FS), ``1.2SS+3``, ``2.1FF-1``; the lag is in working days."""


@dataclass(frozen=True)
class LearningLink:
    """An article worth reading at this point; `url` is its address in the portal."""

    title: str
    url: str

    def __post_init__(self) -> None:
        if not self.url.startswith("/") or self.url.startswith("//"):
            raise ValueError(f"learning link {self.url!r} is not an address of this portal")


@dataclass(frozen=True)
class TaskLink:
    """`successor` depends on `predecessor` (WBS ids); `lag` in working days, negative: lead."""

    predecessor: str
    successor: str
    type: LinkType = "FS"
    lag: float = 0


@dataclass(frozen=True)
class TemplateTask:
    """A leaf of the work breakdown.

    `wbs` is the outline number; its first part is the phase's. `days` is the duration in working
    days (0: a milestone), `hours` the effort. `after` holds the predecessors in the usual
    notation: ``"1.2"``, ``"1.2SS+3"``.
    """

    wbs: str
    name: str
    days: float = 0
    hours: float = 0
    role: str = ""
    deliverable: str = ""
    after: tuple[str, ...] = ()
    learn: tuple[LearningLink, ...] = ()

    @property
    def milestone(self) -> bool:
        """True for a point in time."""
        return self.days == 0

    @property
    def links(self) -> tuple[TaskLink, ...]:
        """The predecessors, parsed. Raises ValueError on bad notation."""
        return tuple(self._link(text) for text in self.after)

    def _link(self, text: str) -> TaskLink:
        found = LINK_NOTATION.fullmatch(text.replace(" ", ""))
        if found is None:
            raise ValueError(f"task {self.wbs}: link {text!r} is not like 1.2, 1.2SS+3 or 2.1FF-1")
        type_ = cast(LinkType, found["type"] or "FS")
        return TaskLink(found["wbs"], self.wbs, type_, float(found["lag"] or 0))


@dataclass(frozen=True)
class TemplatePhase:
    """A phase; its tasks are those whose WBS id begins with its own."""

    wbs: str
    name: str
    goal: str = ""


@dataclass(frozen=True)
class TemplateRole:
    """A part somebody plays in the project."""

    name: str
    duty: str


@dataclass(frozen=True)
class ProjectTemplate:
    """A project to start from. Raises ValueError when its parts do not fit together.

    Whether the links form a cycle is for the scheduler to say, which names it.
    """

    name: str
    title: str
    description: str
    phases: tuple[TemplatePhase, ...]
    tasks: tuple[TemplateTask, ...]
    roles: tuple[TemplateRole, ...] = ()
    industry: str = ""
    version: str = "1.0"
    learn: tuple[LearningLink, ...] = ()
    """Articles about the whole of it."""

    def __post_init__(self) -> None:
        ids = [task.wbs for task in self.tasks]
        phases = {phase.wbs for phase in self.phases}
        roles = {role.name for role in self.roles}
        if len(set(ids)) != len(ids):
            twice = next(wbs for wbs in ids if ids.count(wbs) > 1)
            raise ValueError(f"template {self.name}: two tasks are numbered {twice}")
        for task in self.tasks:
            if task.wbs.split(".")[0] not in phases or "." not in task.wbs:
                raise ValueError(f"template {self.name}: task {task.wbs} is in no phase")
            if task.days < 0 or task.hours < 0:
                raise ValueError(f"template {self.name}: task {task.wbs} lasts less than nothing")
            if task.role and task.role not in roles:
                raise ValueError(
                    f"template {self.name}: task {task.wbs} wants the unknown role {task.role!r}"
                )
            for link in task.links:
                if link.predecessor not in ids:
                    raise ValueError(
                        f"template {self.name}: task {task.wbs} follows {link.predecessor}, "
                        "which does not exist"
                    )

    @property
    def links(self) -> tuple[TaskLink, ...]:
        """Every link, in the order of the tasks."""
        return tuple(link for task in self.tasks for link in task.links)

    @property
    def milestones(self) -> tuple[TemplateTask, ...]:
        """The tasks that are points in time."""
        return tuple(task for task in self.tasks if task.milestone)

    def tasks_in(self, phase: TemplatePhase) -> tuple[TemplateTask, ...]:
        """The tasks of one phase, in order."""
        return tuple(task for task in self.tasks if task.wbs.split(".")[0] == phase.wbs)
