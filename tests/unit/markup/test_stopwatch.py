"""Whose time it is, and who is late."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.markup.stopwatch import CORE, Stopwatch, TooSlow


class Clock:
    """Goes on only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_extension_that_reads_on_does_not_pay_for_the_parsers_time() -> None:
    clock = Clock()
    stopwatch = Stopwatch(1.0, clock)
    stopwatch.enter(0)
    clock.now += 0.4
    stopwatch.enter(CORE)
    clock.now += 100
    stopwatch.enter(1)
    clock.now += 0.9
    stopwatch.leave()
    stopwatch.leave()
    clock.now += 0.5
    stopwatch.leave()
    assert (stopwatch.used(0), stopwatch.used(1)) == pytest.approx((0.9, 0.9))
    assert stopwatch.overrun() is None


CALLS = st.recursive(
    st.tuples(st.integers(-1, 3), st.integers(0, 9), st.just(())),
    lambda inner: st.tuples(st.integers(-1, 3), st.integers(0, 9), st.lists(inner, max_size=4)),
)


@given(st.lists(CALLS, max_size=6))
def test_every_tick_is_charged_to_the_innermost_owner(calls: list[Any]) -> None:
    clock, expected = Clock(), dict.fromkeys(range(-1, 4), 0)
    stopwatch = Stopwatch(1e9, clock)

    def run(call: Any) -> None:
        owner, ticks, inner = call
        stopwatch.enter(owner)
        for one in inner:
            clock.now += ticks
            expected[owner] += ticks
            run(one)
        clock.now += ticks
        expected[owner] += ticks
        assert owner == CORE or stopwatch.used(owner) == expected[owner]
        stopwatch.leave()

    for call in calls:
        run(call)
    assert all(stopwatch.used(owner) == expected[owner] for owner in range(4))


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 2)), max_size=20))
def test_late_is_whoever_passes_the_budget_first(steps: list[tuple[int, float]]) -> None:
    clock, used = Clock(), [0.0, 0.0, 0.0]
    stopwatch = Stopwatch(3.0, clock)
    for owner, seconds in steps:
        stopwatch.enter(owner)
        before = stopwatch.used(owner)
        clock.now += seconds
        used[owner] = stopwatch.used(owner)
        assert used[owner] >= before
        if used[owner] > 3.0:
            assert stopwatch.overrun() == owner
            with pytest.raises(TooSlow):
                stopwatch.leave()
            return
        assert stopwatch.overrun() is None and stopwatch.patience() <= 3.0
        stopwatch.leave()
