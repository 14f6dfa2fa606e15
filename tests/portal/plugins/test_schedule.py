"""The critical path, against hand-worked examples and against its own definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.project_template import TaskLink
from portal.projects.schedule import EPSILON, CycleError, Schedule, schedule


def link(text: str) -> TaskLink:
    """``"a>b SS+2"``"""
    ends, _, rest = text.partition(" ")
    one, other = ends.split(">")
    return TaskLink(one, other, rest[:2] or "FS", float(rest[2:] or 0))  # type: ignore[arg-type]


def places(plan: Schedule) -> dict[str, tuple[float, float, float]]:
    return {task: (p.early_start, p.early_finish, p.total_float) for task, p in plan.placed.items()}


def test_the_network_of_the_tutorial() -> None:
    """A(4)→B(6)→{C 5? …}: a small network worked by hand."""
    days = {"A": 4.0, "B": 6.0, "C": 2.0, "E": 7.0, "F": 5.0, "G": 3.0, "H": 2.0}
    links = [link(text) for text in ("A>B", "B>C", "B>E", "C>F", "E>F", "E>G", "F>H", "G>H")]
    plan = schedule(days, links)
    assert plan.duration == 24
    assert places(plan) == {
        "A": (0, 4, 0),
        "B": (4, 10, 0),
        "C": (10, 12, 5),
        "E": (10, 17, 0),
        "F": (17, 22, 0),
        "G": (17, 20, 2),
        "H": (22, 24, 0),
    }
    # Fast-tracking F with SS+4 and FF+2, as the tutorial on links does: 22 days, G critical.
    links = [one for one in links if (one.predecessor, one.successor) != ("E", "F")]
    plan = schedule(days, [*links, link("E>F SS+4"), link("E>F FF+2")])
    assert plan.duration == 22
    assert plan.placed["F"].early_start == 14 and plan.placed["F"].total_float == 1
    assert [task for task, place in plan.placed.items() if place.critical] == list("ABEGH")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a>b", 5),
        ("a>b FS+2", 7),
        ("a>b FS-2", 3),
        ("a>b SS", 0),
        ("a>b SS+3", 3),
        ("a>b FF", 2),
        ("a>b FF+1", 3),
        ("a>b SF", 0),
        ("a>b SF+4", 1),
        ("a>b FS-9", 0),
    ],
)
def test_each_kind_of_link(text: str, start: float) -> None:
    plan = schedule({"a": 5, "b": 3}, [link(text)])
    assert plan.placed["b"].early_start == start


def test_a_milestone_takes_no_time() -> None:
    plan = schedule({"a": 5, "m": 0, "b": 1}, [link("a>m"), link("m>b")])
    assert plan.placed["m"].early_start == plan.placed["m"].early_finish == 5
    assert plan.duration == 6


def test_nothing_at_all() -> None:
    assert schedule({}, []).duration == 0


def test_the_cycle_is_named_in_order() -> None:
    links = [link(text) for text in ("start>a", "a>b", "b>c SS+1", "c>a FF", "c>end")]
    with pytest.raises(CycleError) as caught:
        schedule(dict.fromkeys(["start", "a", "b", "c", "end"], 1.0), links)
    assert set(caught.value.cycle) == {"a", "b", "c"}
    follows = {"a": "b", "b": "c", "c": "a"}
    cycle = caught.value.cycle
    assert all(follows[one] == cycle[(i + 1) % 3] for i, one in enumerate(cycle))
    assert str(caught.value).count("→") == 3


def test_a_task_that_waits_for_itself() -> None:
    with pytest.raises(CycleError, match="a → a"):
        schedule({"a": 1}, [link("a>a")])


def test_a_link_to_nowhere() -> None:
    with pytest.raises(KeyError):
        schedule({"a": 1}, [link("a>b")])


@st.composite
def networks(draw: st.DrawFn) -> tuple[dict[str, float], list[TaskLink]]:
    count = draw(st.integers(1, 12))
    days = {str(i): float(draw(st.integers(0, 20))) / 2 for i in range(count)}
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    kinds, lags = st.sampled_from(["FS", "SS", "FF", "SF"]), st.integers(-6, 6)
    drawn = draw(st.lists(st.tuples(pairs, kinds, lags), max_size=30))
    # From lower to higher only: no cycle.
    links = [
        TaskLink(str(min(pair)), str(max(pair)), kind, float(lag))  # type: ignore[arg-type]
        for pair, kind, lag in drawn
        if pair[0] != pair[1]
    ]
    return days, links


def bound(one: TaskLink, starts: dict[str, float], days: dict[str, float]) -> float:
    """The earliest start of the successor, from the definition of each kind."""
    begin, end = starts[one.predecessor], starts[one.predecessor] + days[one.predecessor]
    own = days[one.successor]
    return {"FS": end, "SS": begin, "FF": end - own, "SF": begin - own}[one.type] + one.lag


@given(networks())
def test_the_plan_keeps_every_link_and_wastes_no_day(
    network: tuple[dict[str, float], list[TaskLink]],
) -> None:
    days, links = network
    plan = schedule(days, links)
    early = {task: place.early_start for task, place in plan.placed.items()}
    late = {task: place.late_start for task, place in plan.placed.items()}
    for one in links:
        assert early[one.successor] >= bound(one, early, days) - EPSILON
        assert late[one.successor] >= bound(one, late, days) - EPSILON
    for task in days:
        bounds = [bound(one, early, days) for one in links if one.successor == task]
        assert early[task] == pytest.approx(max([0.0, *bounds]))
        assert late[task] >= early[task] - EPSILON
        assert late[task] + days[task] <= plan.duration + EPSILON
    assert plan.duration == pytest.approx(max(early[t] + days[t] for t in days))
    assert any(place.critical for place in plan.placed.values())


@given(networks())
def test_a_task_may_slip_by_its_float_and_no_further(
    network: tuple[dict[str, float], list[TaskLink]],
) -> None:
    days, links = network
    plan = schedule(days, links)
    for task, place in plan.placed.items():
        for slip, later in ((place.total_float, False), (place.total_float + 0.5, True)):
            # A task "start" pins this one to its early start plus the slip.
            held = [*links, TaskLink("start", task, "SS", place.early_start + slip)]
            duration = schedule({"start": 0.0, **days}, held).duration
            assert (duration > plan.duration + EPSILON) == later
