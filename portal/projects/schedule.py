"""When each task can start and must end: the critical path method with all four kinds of link.

The arithmetic of the precedence diagramming method (see the PMI's *Practice Standard for
Scheduling*, "critical path method"): a forward pass gives the earliest dates, a backward pass the
latest; their difference is the total float, and tasks without float are critical. Times are working
days from the start of the project (0 is the first morning); a task fills the time from its start to
its finish. A lag may be negative (a lead); nothing starts before 0.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.project_template import TaskLink

EPSILON = 1e-9
"""Floats smaller than this are rounding."""


class CycleError(ValueError):
    """Links that lead back to where they began; `cycle` names the tasks in order."""

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(" → ".join([*self.cycle, self.cycle[0]]))


@dataclass(frozen=True)
class Placed:
    """A task's place in time, in working days from the start of the project."""

    early_start: float
    early_finish: float
    late_start: float
    late_finish: float

    @property
    def total_float(self) -> float:
        """How far it may slip without moving the end of the project."""
        return max(0.0, self.late_start - self.early_start)

    @property
    def critical(self) -> bool:
        """True when it may not slip at all."""
        return self.late_start - self.early_start < EPSILON


@dataclass(frozen=True)
class Schedule:
    """Every task's place, and how long the whole takes (working days)."""

    placed: Mapping[str, Placed]
    duration: float


def schedule(durations: Mapping[str, float], links: Iterable[TaskLink]) -> Schedule:
    """Schedule tasks (id → working days, not negative) as early as their links allow.

    Raises CycleError, and KeyError for a link to a task that is not there.
    """
    before: dict[str, list[TaskLink]] = {task: [] for task in durations}
    after: dict[str, list[TaskLink]] = {task: [] for task in durations}
    for link in links:
        before[link.successor].append(link)
        after[link.predecessor].append(link)
    order = _order(durations, before, after)
    start: dict[str, float] = {}
    for task in order:
        bounds = [_earliest(link, start, durations) for link in before[task]]
        start[task] = max([0.0, *bounds])
    end = max((start[task] + durations[task] for task in order), default=0.0)
    latest: dict[str, float] = {}
    for task in reversed(order):
        bounds = [_latest(link, latest, durations) for link in after[task]]
        latest[task] = min([end - durations[task], *bounds])
    placed = {
        task: Placed(start[task], start[task] + days, latest[task], latest[task] + days)
        for task, days in durations.items()
    }
    return Schedule(placed, end)


def _earliest(link: TaskLink, start: Mapping[str, float], days: Mapping[str, float]) -> float:
    """The earliest start this link leaves its successor."""
    from_start = link.type in ("SS", "SF")
    to_finish = link.type in ("FF", "SF")
    bound = start[link.predecessor] + link.lag
    bound += 0.0 if from_start else days[link.predecessor]
    return bound - (days[link.successor] if to_finish else 0.0)


def _latest(link: TaskLink, latest: Mapping[str, float], days: Mapping[str, float]) -> float:
    """The latest start this link leaves its predecessor."""
    from_start = link.type in ("SS", "SF")
    to_finish = link.type in ("FF", "SF")
    bound = latest[link.successor] - link.lag
    bound += days[link.successor] if to_finish else 0.0
    return bound - (0.0 if from_start else days[link.predecessor])


def _order(
    tasks: Iterable[str],
    before: Mapping[str, list[TaskLink]],
    after: Mapping[str, list[TaskLink]],
) -> list[str]:
    """The tasks, each after those it depends on; otherwise in the order given."""
    waiting = {task: len(before[task]) for task in tasks}
    ready = deque(task for task, count in waiting.items() if not count)
    order: list[str] = []
    while ready:
        task = ready.popleft()
        order.append(task)
        for link in after[task]:
            waiting[link.successor] -= 1
            if not waiting[link.successor]:
                ready.append(link.successor)
    if len(order) < len(waiting):
        raise CycleError(_cycle({task for task, count in waiting.items() if count}, before))
    return order


def _cycle(stuck: set[str], before: Mapping[str, list[TaskLink]]) -> list[str]:
    """Each stuck task waits for a stuck one: going back must come to one seen before."""
    seen: dict[str, int] = {}
    path: list[str] = []
    task = min(stuck)
    while task not in seen:
        seen[task] = len(path)
        path.append(task)
        task = next(link.predecessor for link in before[task] if link.predecessor in stuck)
    return path[seen[task] :][::-1]
