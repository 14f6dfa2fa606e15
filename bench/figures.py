"""A figure, its target, and a table of both."""

from __future__ import annotations

import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value; `most` or `least` is its target, if it has one."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Is the target reached? None without a target."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least

    @property
    def target(self) -> str:
        """The target as the table shows it."""
        if self.most is not None:
            return f"≤ {self.most:g}"
        return "" if self.least is None else f"≥ {self.least:g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of `values` lie: nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def latency(name: str, seconds: Sequence[float], most: float | None = None) -> list[Figure]:
    """Median and p95 of answers, in milliseconds; the target is the p95's."""
    note = f"{len(seconds)} answers"
    return [
        Figure(f"{name}, p50", 1000 * statistics.median(seconds), "ms", note=note),
        Figure(f"{name}, p95", 1000 * percentile(seconds, 0.95), "ms", most=most),
    ]


def _width(text: str) -> int:
    """Columns a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print the table."""
    print(f"\n## {title}\n")
    width = max(_width(figure.name) for figure in figures)
    for figure in figures:
        mark = {True: "✓", False: "✗", None: " "}[figure.met]
        name = figure.name + " " * (width - _width(figure.name))
        print(
            f"{mark} {name}  {_number(figure.value):>9} {figure.unit:<8}"
            f" {figure.target:<9} {figure.note}".rstrip()
        )


def verdict(figures: Sequence[Figure]) -> str:
    """How many of the targets are reached."""
    judged = [figure for figure in figures if figure.met is not None]
    missed = [figure.name for figure in judged if not figure.met]
    line = f"{len(judged) - len(missed)} of {len(judged)} targets reached"
    return f"{line}; missed: {'; '.join(missed)}" if missed else line
