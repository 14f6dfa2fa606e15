"""A small Gantt chart as numbers: what the template draws as SVG, with attributes only.

One row for each phase and task, from top to bottom; a band of days from left to right. Lengths are
SVG user units, one to a CSS pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.project_template import ProjectTemplate, TaskLink
from portal.projects.schedule import Schedule

LABELS = 236
"""Width of the column of names."""
ROW = 28
HEAD = 34
MARGIN = 16
DAYS_WIDTH = 720
"""The width the days are fitted into, where that leaves a day wide enough to see."""
MIN_DAY, MAX_DAY = 5.0, 30.0
MAX_LABEL = 15
"""Characters of a name that fit into its column."""


@dataclass(frozen=True)
class Bar:
    """A row: a phase's span, a task's bar, or a milestone's diamond (`points`)."""

    kind: str
    """``phase``, ``task`` or ``milestone``."""
    wbs: str
    label: str
    title: str
    y: float
    x: float
    width: float
    critical: bool
    points: str = ""


@dataclass(frozen=True)
class Tick:
    """A line with a number of days."""

    x: float
    label: str


@dataclass(frozen=True)
class Chart:
    """The whole drawing."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    arrows: tuple[tuple[str, bool], ...]
    """Path data of each link, and whether it is on the critical path."""
    ticks: tuple[Tick, ...]
    labels: int = LABELS
    row: int = ROW
    head: int = HEAD
    bar: float = field(default=ROW - 12.0)


def draw(template: ProjectTemplate, plan: Schedule) -> Chart:
    """Lay the chart out."""
    day = min(MAX_DAY, max(MIN_DAY, DAYS_WIDTH / max(plan.duration, 1)))

    def at(days: float) -> float:
        return round(LABELS + days * day, 1)

    bars: list[Bar] = []
    rows: dict[str, float] = {}
    for phase in template.phases:
        tasks = template.tasks_in(phase)
        y = HEAD + len(bars) * ROW
        if tasks:
            first = min(plan.placed[task.wbs].early_start for task in tasks)
            last = max(plan.placed[task.wbs].early_finish for task in tasks)
            width = round((last - first) * day, 1)
            label = _short(f"{phase.wbs} {phase.name}")
            bars.append(
                Bar("phase", phase.wbs, label, phase.name, y, at(first), width, critical=False)
            )
        for task in tasks:
            place = plan.placed[task.wbs]
            y = HEAD + len(bars) * ROW
            rows[task.wbs] = y
            bars.append(
                Bar(
                    "milestone" if task.milestone else "task",
                    task.wbs,
                    _short(f"{task.wbs} {task.name}"),
                    task.name,
                    y,
                    at(place.early_start),
                    round(task.days * day, 1),
                    place.critical,
                    _diamond(at(place.early_start), y + ROW / 2) if task.milestone else "",
                )
            )
    arrows = tuple(_arrow(link, plan, rows, at(0), day) for link in template.links)
    height = HEAD + len(bars) * ROW + MARGIN
    # Room at the right for a milestone on the last day and the last arrow.
    width = at(plan.duration) + MARGIN + 8
    return Chart(width, height, tuple(bars), arrows, _ticks(plan.duration, at(0), day))


def _short(text: str) -> str:
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def _diamond(x: float, y: float, radius: float = 7) -> str:
    return f"{x},{y - radius} {x + radius},{y} {x},{y + radius} {x - radius},{y}"


def _arrow(
    link: TaskLink, plan: Schedule, rows: dict[str, float], zero: float, day: float
) -> tuple[str, bool]:
    """An elbow from the end of the predecessor that counts to the end of the successor."""
    one, other = plan.placed[link.predecessor], plan.placed[link.successor]
    leaves_right = link.type in ("FS", "FF")
    enters_left = link.type in ("FS", "SS")
    x1 = round(zero + (one.early_finish if leaves_right else one.early_start) * day, 1)
    x2 = round(zero + (other.early_start if enters_left else other.early_finish) * day, 1)
    y1, y2 = rows[link.predecessor] + ROW / 2, rows[link.successor] + ROW / 2
    out = x1 + 6 if leaves_right else x1 - 6
    into = x2 - 6 if enters_left else x2 + 6
    turn = y2 - ROW / 2 if y2 > y1 else y2 + ROW / 2
    forward = out <= into if enters_left else out >= into
    if forward and leaves_right == enters_left:
        path = f"M{x1} {y1}H{into}V{y2}H{x2}"
    else:
        path = f"M{x1} {y1}H{out}V{turn}H{into}V{y2}H{x2}"
    return path, one.critical and other.critical


def _ticks(duration: float, zero: float, day: float) -> tuple[Tick, ...]:
    """A line each week of five working days, or each second, fourth … where they would crowd."""
    step = 5
    while step * day < 44:
        step *= 2
    return tuple(
        Tick(round(zero + days * day, 1), str(days)) for days in range(0, int(duration) + 1, step)
    )
