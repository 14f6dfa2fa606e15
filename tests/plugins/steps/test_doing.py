"""What notify and timer do by themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plugins.steps_basic.plugin import KINDS
from portal.api import Done, PluginContext, ProblemError, ProjectView, StepRun, Wait
from portal.plugin_host.services import HostServices

BY_NAME = {kind.name: kind for kind in KINDS}
NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
PROJECT = ProjectView(7, "新仓库", "/projects/7", people={"计划员": "anna", "采购": "otto"})


def run(kind: str, config: dict[str, Any], now: datetime = NOON) -> StepRun:
    """A step with this config, reached at noon."""
    made = BY_NAME[kind].config_model.model_validate(config)
    return StepRun("run:7:1", kind, "步骤", made, PROJECT, NOON, now)


def enter(ctx: PluginContext, step: StepRun) -> Any:
    """What the step says."""
    work = BY_NAME[step.kind].enter
    assert work is not None
    return work(ctx, step)


@pytest.fixture
def told() -> list[tuple[str, ...]]:
    """Everything that people were told."""
    return []


@pytest.fixture
def ctx(make_ctx: Callable[..., PluginContext], told: list[tuple[str, ...]]) -> PluginContext:
    """A context in which everybody but ``nobody`` can be told."""

    def notify(*message: str) -> bool:
        told.append(message)
        return message[1] != "nobody"

    return dataclasses.replace(make_ctx(name="steps_basic"), services=HostServices(notify))


def test_everybody_is_told_once(ctx: PluginContext, told: list[tuple[str, ...]]) -> None:
    config = {"to": ["role:计划员", "user:lena", "user:anna"], "subject": "批了", "body": "去办"}
    assert enter(ctx, run("notify", config)) == Done("sent", "anna、lena")
    assert told == [
        ("steps_basic", "anna", "批了", "去办", "/projects/7"),
        ("steps_basic", "lena", "批了", "去办", "/projects/7"),
    ]


@pytest.mark.parametrize(
    ("who", "says", "others"),
    [
        ("role:总工", "总工", 0),
        ("unit:采购部", "unit:采购部", 0),
        ("field:boss", "field:boss", 0),
        ("user:nobody", "nobody", 2),
    ],
)
def test_somebody_who_is_not_there_is_named_with_the_next_step(
    who: str, says: str, others: int, ctx: PluginContext, told: list[tuple[str, ...]]
) -> None:
    with pytest.raises(ProblemError, match=says) as caught:
        enter(ctx, run("notify", {"to": ["user:anna", who], "subject": "批了"}))
    assert caught.value.problem.next_step()
    assert len(told) == others


def test_the_timer_waits_so_many_hours(ctx: PluginContext) -> None:
    until = NOON + timedelta(hours=16)
    assert enter(ctx, run("timer", {"hours": 16})) == Wait(until=until)
    assert enter(ctx, run("timer", {"hours": 16}, until - timedelta(seconds=1))) == Wait(
        until=until
    )
    assert enter(ctx, run("timer", {"hours": 16}, until)) == Done("elapsed")


def test_a_forms_date_is_not_there_yet(ctx: PluginContext) -> None:
    with pytest.raises(ProblemError, match="due"):
        enter(ctx, run("timer", {"until_field": "due"}))


def test_the_others_are_peoples_or_only_described() -> None:
    assert {kind.name for kind in KINDS if kind.enter is not None} == {"notify", "timer"}
    assert {kind.name for kind in KINDS if kind.human} == {
        "form",
        "approval",
        "checklist",
        "training_gate",
    }
