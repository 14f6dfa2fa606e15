"""How healthy a plan is: 100 less what the plugins' signals take off, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.contributions import Deduction, HealthSignal, PlannedTask, ProjectTemplate, ProjectView
from portal.contributions.content import check_url
from portal.plugin_host import host
from portal.plugin_host.calls import Fault
from portal.plugin_host.context import PluginContext
from portal.plugin_host.shape import mistyped

HOOK = "portal_health_signals"
FULL = 100
MOST = 500
"""Deductions taken from one signal."""


@dataclass(frozen=True)
class HealthRow:
    """What one signal has to say. `deduction` is None when the signal itself has failed."""

    signal: str
    deduction: Deduction | None


@dataclass(frozen=True)
class Health:
    """The score, 0–100, and why it is not 100."""

    score: int
    rows: tuple[HealthRow, ...]

    @property
    def tone(self) -> str:
        """The tone of its badge: good, warn or bad."""
        return "good" if self.score >= 80 else "warn" if self.score >= 60 else "bad"


def assess(view: ProjectView) -> Health | None:
    """Ask every signal about the plan; None when no plugin gives any."""
    rows: list[HealthRow] = []
    signals = host().collected(HOOK)
    for one in signals:
        found = _ask(one.plugin, one.item, view)
        if isinstance(found, Fault):
            rows.append(HealthRow(one.item.title, None))
        else:
            rows += [HealthRow(one.item.title, deduction) for deduction in found]
    if not signals:
        return None
    lost = sum(row.deduction.points for row in rows if row.deduction)
    return Health(max(0, FULL - lost), tuple(rows))


def _ask(plugin: str, signal: HealthSignal, view: ProjectView) -> tuple[Deduction, ...] | Fault:
    def work(ctx: PluginContext) -> tuple[Deduction, ...]:
        return _checked(signal.assess(ctx, view))

    return host().call(plugin, f"health {signal.name}", work, host().settings.plugins_budget)


def template_view(template: ProjectTemplate) -> ProjectView:
    """The template as a plan without dates and people."""
    tasks = tuple(
        PlannedTask(task.wbs, task.name, task.days, task.hours, task.role, milestone=task.milestone)
        for task in template.tasks
    )
    url = f"/templates/{template.name}"
    return ProjectView(0, template.title, url, template.name, tasks)


def _checked(found: Iterable[Deduction]) -> tuple[Deduction, ...]:
    """What a signal gave, taken while its plugin is still the one to blame.

    Raises TypeError, ValueError and KeyError for what cannot be shown.
    """
    deductions: list[Deduction] = []
    for item in found:
        if not isinstance(item, Deduction):
            raise TypeError(f"gave {type(item).__name__}, not Deduction")
        if wrong := mistyped(item):
            raise TypeError(f"Deduction.{wrong}")
        if item.points < 0:
            raise ValueError(f"Deduction.points is {item.points}: nothing can be added")
        if item.url:
            check_url("deduction", item.url)
        if len(deductions) == MOST:
            raise ValueError(f"more than {MOST} deductions")
        plain = {
            key: value if isinstance(value, int | float) else str(value)
            for key, value in item.params.items()
        }
        if plain:
            _ = item.reason % plain  # a placeholder without a value is the plugin's fault
        deductions.append(replace(item, params=plain))
    return tuple(deductions)
