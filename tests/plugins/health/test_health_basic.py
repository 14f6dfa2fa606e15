"""What each signal finds in a plan, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from plugins.health_basic.plugin import Config, nobody_responsible, overdue, undecomposed
from portal.api import Deduction, PlannedTask, PluginContext, ProjectView

TODAY = date(2026, 3, 10)


def view(*tasks: PlannedTask, id: int = 7, **fields: Any) -> ProjectView:
    """A project with these tasks."""
    return ProjectView(id, "新仓库", f"/projects/{id}", tasks=tasks, **fields)


def said(found: Iterable[Deduction]) -> list[str]:
    """The reasons with their values."""
    return [one.reason % one.params for one in found]


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (PlannedTask("1.1", "甲", days=15, hours=80), None),
        (PlannedTask("1.1", "甲", days=3, hours=80.5), "80.5 工时"),
        (PlannedTask("1.1", "甲", days=16, hours=8), "16 个工作日"),
        # Too big in both ways is still one finding.
        (PlannedTask("1.1", "甲", days=16, hours=200), "200 工时"),
        (PlannedTask("1.1", "甲", days=16, hours=200, done=True), None),
    ],
)
def test_tasks_too_big(
    task: PlannedTask, words: str | None, make_ctx: Callable[..., PluginContext]
) -> None:
    found = list(undecomposed(make_ctx(Config()), view(task)))
    assert [one.url for one in found] == (["/projects/7#task-1.1"] if words else [])
    if words:
        assert words in said(found)[0]


def test_the_limits_can_be_set(make_ctx: Callable[..., PluginContext]) -> None:
    task = PlannedTask("1.1", "甲", days=5, hours=30)
    assert not list(undecomposed(make_ctx(Config()), view(task)))
    assert len(list(undecomposed(make_ctx(Config(max_hours=29)), view(task)))) == 1
    assert len(list(undecomposed(make_ctx(Config(max_days=4)), view(task)))) == 1
    for bad in ({"max_hours": 0}, {"max_days": -1}, {"max_hours": "many"}):
        with pytest.raises(ValidationError):
            Config(**bad)


def test_a_role_without_a_person_is_named_once(make_ctx: Callable[..., PluginContext]) -> None:
    tasks = (
        PlannedTask("1.1", "甲", role="工艺"),
        PlannedTask("1.2", "乙", role="采购"),
        PlannedTask("1.3", "丙", role="工艺"),
        PlannedTask("1.4", "丁"),
        PlannedTask("1.5", "戊", done=True),
    )
    ctx = make_ctx(Config())
    found = list(nobody_responsible(ctx, view(*tasks, people={"采购": "anna"})))
    assert [one.url for one in found] == ["/projects/7#task-1.1", "/projects/7#task-1.4"]
    assert "工艺" in said(found)[0] and "1.4「丁」" in said(found)[1]
    # A template has roles and no people.
    assert len(list(nobody_responsible(ctx, view(*tasks, id=0)))) == 1


def test_what_should_be_over(make_ctx: Callable[..., PluginContext]) -> None:
    tasks = (
        PlannedTask("1.1", "甲", finish=date(2026, 3, 9)),
        PlannedTask("1.2", "乙", finish=TODAY),
        PlannedTask("1.3", "丙", finish=date(2026, 3, 1), done=True),
        PlannedTask("1.4", "丁"),
    )
    ctx = make_ctx(Config())
    found = list(overdue(ctx, view(*tasks, today=TODAY)))
    assert [one.url for one in found] == ["/projects/7#task-1.1"]
    assert "2026-03-09" in said(found)[0] and "已晚 1 天" in said(found)[0]
    assert list(overdue(ctx, view(*tasks, id=0))) == []
