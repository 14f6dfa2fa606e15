"""What every kind of workflow step must do: a base class for its tests.

::

    class TestInspection(StepContract):
        name = "inspection"
        wrong = ({"address": "nowhere"},)

        @pytest.fixture
        def settings(self, recording_server):
            recording_server.answer("/report", {"state": "passed"})
            return {"address": recording_server.url("/report")}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest

from portal.api import (
    Done,
    PlannedTask,
    PluginContext,
    ProjectView,
    Retry,
    StepResult,
    StepRun,
    Wait,
    WorkflowStepKind,
)
from portal.plugin_host import host
from portal.plugin_host.config import validate
from portal.testing.kit import fail_unless, in_words

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""When the step is reached: a Monday morning in China."""
MAX_ROUNDS = 100
"""Tries until the step must have ended or wait for somebody."""


def step_run(kind: WorkflowStepKind, config: Any, **changes: Any) -> StepRun:
    """A step of this kind in a small project, reached at `BEGIN`; `changes` replace parts."""
    task = PlannedTask("1.1", "打样", 3, 24, "工艺", "anna", date(2026, 3, 2), date(2026, 3, 4))
    project = ProjectView(
        7, "新产品导入", "/projects/7", "trial", (task,), date(2026, 3, 2), {"工艺": "anna"}
    )
    run = StepRun(f"{kind.name}-1", kind.name, "试一步", config, project, BEGIN, BEGIN)
    return replace(run, **changes)


class StepContract:
    """Subclass it in a test module; say `name` and `wrong`, and `settings` where the example of
    the kind would reach another system.
    """

    name: ClassVar[str] = ""
    """Name of the `WorkflowStepKind`."""
    wrong: ClassVar[Sequence[Mapping[str, Any]]] = ()
    """Settings that must be refused."""

    @pytest.fixture
    def settings(self, kind: WorkflowStepKind) -> Mapping[str, Any]:
        """Settings with which the step comes to an end; the kind's example."""
        return kind.example

    @pytest.fixture
    def effects(self) -> Callable[[], object]:
        """What the step has done elsewhere so far, to compare: override it where it does."""
        return lambda: None

    @pytest.fixture
    def kind(self, app: Any) -> WorkflowStepKind:
        """The kind as the portal has it."""
        found = {one.item.name: one.item for one in host().collected("portal_workflow_step_kinds")}
        fail_unless(self.name in found, f"没有名为 {self.name!r} 的步骤；有：{', '.join(found)}")
        kind: WorkflowStepKind = found[self.name]
        return kind

    @pytest.fixture
    def ctx(
        self, kind: WorkflowStepKind, plugin_ctx: Callable[[str], PluginContext]
    ) -> PluginContext:
        """The context of the plugin it belongs to."""
        plugin = host().origin("portal_workflow_step_kinds", self.name)
        assert plugin is not None
        return plugin_ctx(plugin.name)

    @pytest.fixture
    def step(self, kind: WorkflowStepKind, settings: Mapping[str, Any]) -> StepRun:
        """The step, just reached, with `settings`."""
        made, problems = validate(kind.config_model, settings, kind.name)
        fail_unless(made is not None, f"这份设置本该能用：{[str(one) for one in problems]}")
        return step_run(kind, made)

    def test_the_example_is_accepted(self, kind: WorkflowStepKind) -> None:
        """What is shown as an example can be used as it is."""
        made, problems = validate(kind.config_model, kind.example, kind.name)
        fail_unless(made is not None, f"例子用不了：{[str(one) for one in problems]}")

    def test_wrong_settings_are_refused_in_words(self, kind: WorkflowStepKind) -> None:
        """The model refuses each of `wrong` and says which field and why."""
        fail_unless(bool(self.wrong), "在 wrong 里至少写一份应当被拒绝的设置")
        for values in self.wrong:
            made, problems = validate(kind.config_model, values, kind.name)
            fail_unless(made is None, f"这份设置应当被拒绝：{values}")
            for problem in problems:
                in_words(problem)

    def test_outcomes_differ(self, kind: WorkflowStepKind) -> None:
        """Flows branch on their names."""
        names = [outcome.name for outcome in kind.outcomes]
        fail_unless(len(names) == len(set(names)), f"两个结果同名：{names}")

    def test_it_says_how_it_went(
        self, kind: WorkflowStepKind, ctx: PluginContext, step: StepRun
    ) -> None:
        """`enter` gives Done with a declared outcome, Wait for a later time, or Retry."""
        if kind.enter is None:
            fail_unless(kind.human, "既不要人做，也没有 enter：这种步骤走不下去")
            return
        check_result(kind, step, kind.enter(ctx, step))

    def test_it_comes_to_an_end(
        self, kind: WorkflowStepKind, ctx: PluginContext, step: StepRun
    ) -> None:
        """Called again when it asked for it, it is done at last, or waits for somebody."""
        if kind.enter is None:
            return
        for attempt in range(1, MAX_ROUNDS + 1):
            result = kind.enter(ctx, replace(step, attempt=attempt))
            check_result(kind, step, result)
            if isinstance(result, Done) or (isinstance(result, Wait) and result.until is None):
                return
            later = result.until if isinstance(result, Wait) else None
            seconds = result.seconds if isinstance(result, Retry) else 0
            step = replace(step, now=later or step.now + timedelta(seconds=seconds))
        raise AssertionError(f"叫了 {MAX_ROUNDS} 次还没有完")

    def test_twice_does_no_more_than_once(
        self,
        kind: WorkflowStepKind,
        ctx: PluginContext,
        step: StepRun,
        effects: Callable[[], object],
    ) -> None:
        """Tried again after a crash, with the same key, a repeat-safe step changes nothing more."""
        if kind.enter is None or not kind.repeat_safe:
            return
        first = kind.enter(ctx, step)
        done = effects()
        second = kind.enter(ctx, replace(step, attempt=2))
        fail_unless(effects() == done, "同一个 key 做了两次，外面留下了两份")
        if isinstance(first, Done):
            same = isinstance(second, Done) and second.outcome == first.outcome
            fail_unless(same, f"第一次是 {first}，再做一次却是 {second}")


def check_result(kind: WorkflowStepKind, step: StepRun, result: StepResult) -> None:
    """Fail, in words, when the portal could not go on from this result."""
    if isinstance(result, Done):
        known = [outcome.name for outcome in kind.outcomes]
        fail_unless(result.outcome in known, f"结果 {result.outcome!r} 没有声明；有：{known}")
    elif isinstance(result, Wait):
        if result.until is not None:
            fail_unless(result.until.tzinfo is not None, "Wait.until 要带时区")
            fail_unless(result.until > step.now, f"等到 {result.until}，那已经过去了")
    elif isinstance(result, Retry):
        fail_unless(result.seconds > 0, "Retry.seconds 要大于 0")
        fail_unless(bool(result.note), "Retry.note 要写明为什么没成")
    else:
        raise AssertionError(f"enter 返回了 {type(result).__name__}，应当是 Done、Wait 或 Retry")
