"""The contracts: a bundled connector keeps its own; whoever breaks one is told how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from portal.api import (
    CheckResult,
    ConnectorKind,
    Done,
    Entity,
    Outcome,
    PluginContext,
    Problem,
    ProblemError,
    Pulled,
    Retry,
    StepResult,
    Wait,
    WorkflowStepKind,
)
from portal.plugin_host import host
from portal.testing.connectors import ConnectorContract
from portal.testing.kit import in_words
from portal.testing.steps import BEGIN, StepContract, step_run

Settings = Mapping[str, Any]


class TestCsvFolder(ConnectorContract):
    name = "csv_folder"
    wrong = ({}, {"folder": ""}, {"folder": "erp", "files": {"nothing": "*.csv"}})

    @pytest.fixture
    def settings(self, ctx: PluginContext) -> Settings:
        folder: Path = ctx.connectors_dir / "erp"
        folder.mkdir(parents=True)
        (folder / "projects.csv").write_text("项目编号,项目名称\nP1,新厂房\n", encoding="utf-8")
        return {"folder": "erp", "files": {"projects": "projects.csv"}}

    @pytest.fixture
    def unreachable(self) -> Settings:
        return {"folder": "nowhere"}


class Config(BaseModel):
    number: int = Field(1, ge=1)


TASKS = Entity("tasks", "任务", {"no": "编号"}, required=("no",), key="no")
REFUSED = ProblemError(Problem("JS-4003", "没有", "换一个"))


class Good:
    """Keeps the contract; the connectors below break it in one point each."""

    rows: tuple[dict[str, Any], ...] = ({"no": "1"},)

    def check(self, ctx: PluginContext, config: Config) -> CheckResult:
        if config.number == 9:
            raise REFUSED
        return CheckResult()

    def discover(self, ctx: PluginContext, config: Config) -> tuple[Entity, ...]:
        return (TASKS,)

    def pull(self, ctx: PluginContext, config: Config, entity: str, cursor: str) -> Pulled:
        if entity != "tasks" or config.number == 9:
            raise REFUSED
        return Pulled(() if cursor == "1" else self.rows, "1")


class Again(Good):
    def pull(self, ctx: PluginContext, config: Config, entity: str, cursor: str) -> Pulled:
        return Pulled(self.rows, "1")


class Restless(Good):
    def pull(self, ctx: PluginContext, config: Config, entity: str, cursor: str) -> Pulled:
        return Pulled(() if cursor else self.rows, f"{cursor}1")


class Endless(Good):
    def pull(self, ctx: PluginContext, config: Config, entity: str, cursor: str) -> Pulled:
        return Pulled((), cursor, more=True)


class OtherColumn(Good):
    rows = ({"no": "1", "colour": "red"},)


class NotText(Good):
    rows = ({"no": 1},)


class Twice(Good):
    rows = ({"no": "1"}, {"no": "1"})


class Blank(Good):
    rows = ({"no": ""},)


class Nothing(Good):
    rows = ()


class Careless(Good):
    def check(self, ctx: PluginContext, config: Config) -> CheckResult:
        return CheckResult()


class Stranger(Good):
    def discover(self, ctx: PluginContext, config: Config) -> tuple[Entity, ...]:
        return (replace(TASKS, name="orders"),)


def connector(made: type[Good]) -> ConnectorKind:
    return ConnectorKind("trial", "x", "x", Config, (TASKS,), made())


@pytest.fixture
def ctx(app: Any) -> PluginContext:
    plugin = host().plugin("csv_folder")
    assert plugin is not None and plugin.ctx is not None
    return plugin.ctx


@pytest.mark.parametrize(
    ("made", "test", "says"),
    [
        (Again, "test_a_second_pull_gives_nothing_new", "第二次"),
        (Restless, "test_a_second_pull_gives_nothing_new", "游标却变了"),
        (Endless, "test_a_second_pull_gives_nothing_new", "没有前进"),
        (OtherColumn, "test_rows_have_the_columns_of_their_entity", "colour"),
        (NotText, "test_rows_have_the_columns_of_their_entity", "文字"),
        (Twice, "test_rows_have_the_columns_of_their_entity", "同样"),
        (Blank, "test_rows_have_the_columns_of_their_entity", "缺少"),
        (Nothing, "test_rows_have_the_columns_of_their_entity", "至少有一条"),
        (Stranger, "test_discover_names_declared_entities", "orders"),
    ],
)
def test_a_connector_that_breaks_the_contract_is_told(
    made: type[Good], test: str, says: str, ctx: PluginContext
) -> None:
    getattr(ConnectorContract(), test)(connector(Good), ctx, {})
    with pytest.raises(AssertionError, match=says):
        getattr(ConnectorContract(), test)(connector(made), ctx, {})


def test_a_check_that_sees_no_trouble_is_told(ctx: PluginContext) -> None:
    contract = ConnectorContract()
    contract.test_check_says_why_it_cannot_reach_it(connector(Good), ctx, {"number": 9})
    with pytest.raises(AssertionError, match="连不上"):
        contract.test_check_says_why_it_cannot_reach_it(connector(Careless), ctx, {"number": 9})


def test_settings_that_are_not_refused_are_told() -> None:
    class Trial(ConnectorContract):
        wrong = ({"number": 0}, {"number": 2})

    with pytest.raises(AssertionError, match="'number': 2"):
        Trial().test_wrong_settings_are_refused_in_words(connector(Good))


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (Problem("", "x", "y"), "代码"),
        (Problem("JS-4003", "", "y"), "说明"),
        (Problem("JS-4003", "x", " "), "下一步"),
        (Problem("JS-4003", "%(a)s %(b)s", "y", params={"a": 1}), "占位符"),
    ],
)
def test_a_problem_without_words_is_told(problem: Problem, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        in_words(problem)


def step_kind(result: Callable[[Any], Any] | None, **fields: Any) -> WorkflowStepKind:
    enter = None if result is None else lambda _ctx, step: result(step)
    outcomes = (Outcome("ok", "好"),)
    return WorkflowStepKind("trial", "x", "x", Config, outcomes, enter=enter, **fields)


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (lambda step: Done("perhaps"), "perhaps"),
        (lambda step: Wait(until=BEGIN), "过去"),
        (lambda step: Wait(until=BEGIN.replace(tzinfo=None)), "时区"),
        (lambda step: Retry("", 1), "为什么"),
        (lambda step: Retry("没连上", 0), "大于 0"),
        (lambda step: "ok", "str"),
    ],
)
def test_a_step_that_breaks_the_contract_is_told(
    result: Callable[[Any], StepResult], says: str, ctx: PluginContext
) -> None:
    kind, contract = step_kind(result), StepContract()
    with pytest.raises(AssertionError, match=says):
        contract.test_it_says_how_it_went(kind, ctx, step_run(kind, Config()))


def test_a_step_that_neither_people_nor_the_portal_can_do_is_told(ctx: PluginContext) -> None:
    kind = step_kind(None)
    with pytest.raises(AssertionError, match="走不下去"):
        StepContract().test_it_says_how_it_went(kind, ctx, step_run(kind, Config()))
    human = step_kind(None, human=True)
    StepContract().test_it_says_how_it_went(human, ctx, step_run(human, Config()))


def test_a_step_that_never_ends_is_told(ctx: PluginContext) -> None:
    def later(step: Any) -> StepResult:
        return Wait(until=step.now + timedelta(hours=1))

    contract, kind = StepContract(), step_kind(later)
    with pytest.raises(AssertionError, match="还没有完"):
        contract.test_it_comes_to_an_end(kind, ctx, step_run(kind, Config()))

    def third(step: Any) -> StepResult:
        return Done("ok") if step.attempt == 3 else Retry("再试", 60)

    kind = step_kind(third)
    contract.test_it_comes_to_an_end(kind, ctx, step_run(kind, Config()))


def test_a_step_that_does_its_work_twice_is_told(ctx: PluginContext) -> None:
    sent: list[str] = []

    def send(step: Any) -> StepResult:
        sent.append(step.key)
        return Done("ok")

    def once(step: Any) -> StepResult:
        sent[:] = [step.key]
        return Done("ok")

    contract = StepContract()
    for kind in (step_kind(once), step_kind(send, repeat_safe=False)):
        contract.test_twice_does_no_more_than_once(
            kind, ctx, step_run(kind, Config()), lambda: list(sent)
        )
    kind = step_kind(send)
    with pytest.raises(AssertionError, match="两份"):
        contract.test_twice_does_no_more_than_once(
            kind, ctx, step_run(kind, Config()), lambda: list(sent)
        )
