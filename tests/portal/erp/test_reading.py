"""Reading from connectors that behave in every way we could think of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.problems import Problem, ProblemError
from portal.accounts.models import AuditEntry, User
from portal.contributions import Pulled
from portal.db import db, write
from portal.erp import reading, service
from portal.erp.models import Connection, ConnectorReading
from portal.plugin_host import host
from tests.portal.erp.conftest import Clock


def row(no: object, item: str = "轴承") -> dict[str, str]:
    return {"no": str(no), "item": item}


def orders() -> ConnectorReading:
    db.session.rollback()
    return db.session.query(ConnectorReading).filter_by(entity="orders").one()


def numbers() -> list[str]:
    return [one["no"] for one in orders().rows]


def failures() -> list[str]:
    plugin = host().plugin("trial")
    assert plugin is not None
    return [failure.problem.text() for failure in plugin.failures]


def down(cursor: str) -> Pulled:
    raise ProblemError(Problem("JS-4003", "系统停机", "等它恢复"))


def broken(cursor: str) -> Pulled:
    raise ZeroDivisionError


def good(cursor: str) -> Pulled:
    return Pulled((row(1), row(2)), "2")


def test_rows_and_cursor_are_kept_together_and_the_next_reading_goes_on(
    trial: Any, pia: User, clock: Clock
) -> None:
    trial.answers["orders"] = good
    assert reading.read(pia, "trial") == reading.Outcome({"orders": 2})
    assert numbers() == ["1", "2"]
    assert (orders().cursor, orders().read_at, orders().problem) == ("2", clock.now, {})
    trial.answers["orders"] = lambda cursor: Pulled((row(3), row(1, "齿轮")), "3")
    assert reading.read(pia, "trial").rows == {"orders": 2}
    assert trial.asked[-1] == ("orders", "2")
    assert numbers() == ["3", "1", "2"]  # what came last comes first, each record once
    assert orders().rows[1] == row(1, "齿轮")
    trial.answers["orders"] = lambda cursor: Pulled((), cursor)
    assert reading.read(pia, "trial").rows == {"orders": 0}
    assert (numbers(), orders().total) == (["3", "1", "2"], 2)
    assert db.session.query(AuditEntry).filter_by(action="connector.read").count() == 3


def test_pages_are_read_to_the_end(trial: Any, pia: User) -> None:
    def page(cursor: str) -> Pulled:
        number = int(cursor or 0)
        return Pulled((row(number), row("same", str(number))), str(number + 1), number < 9)

    trial.answers["orders"] = page
    assert reading.read(pia, "trial").rows == {"orders": 11}
    assert (orders().cursor, orders().more) == ("10", False)
    assert row("same", "9") in orders().rows


def test_only_the_latest_rows_are_kept(trial: Any, pia: User) -> None:
    rows = tuple(row(number) for number in range(reading.KEPT_ROWS + 100))
    trial.answers["orders"] = lambda cursor: Pulled(rows, "x")
    reading.read(pia, "trial")
    assert len(numbers()) == reading.KEPT_ROWS and numbers()[0] == "100"
    assert orders().total == len(rows)


def test_a_connector_that_always_has_more_is_stopped_and_goes_on_next_time(
    trial: Any, pia: User
) -> None:
    trial.answers["orders"] = lambda cursor: Pulled(
        (row(int(cursor or 0)),), f"{int(cursor or 0) + 1}", True
    )
    reading.read(pia, "trial")
    assert len(trial.asked) == 1 + reading.MAX_PAGES
    assert (orders().cursor, orders().more) == (str(reading.MAX_PAGES), True)
    reading.read(pia, "trial")
    assert trial.asked[-reading.MAX_PAGES] == ("orders", str(reading.MAX_PAGES))


def test_more_with_a_cursor_that_stands_still_is_the_plugins_fault(trial: Any, pia: User) -> None:
    trial.answers["orders"] = lambda cursor: Pulled((row(1),), "1", True)
    (problem,) = reading.read(pia, "trial").problems
    assert "cursor has not moved" in problem.text()
    assert len(trial.asked) == 3
    assert orders().rows == []


def test_a_page_that_fails_leaves_rows_and_cursor_as_they_were(
    trial: Any, pia: User, clock: Clock
) -> None:
    trial.answers["orders"] = good
    reading.read(pia, "trial")
    before = clock.now
    clock.forward(10)
    trial.answers["orders"] = lambda cursor: (
        Pulled((row(9),), "9", True) if cursor == "2" else down(cursor)
    )
    (problem,) = reading.read(pia, "trial").problems
    assert problem.text() == "系统停机"
    assert (numbers(), orders().cursor, orders().read_at) == (["1", "2"], "2", before)
    page = service.page("trial")
    assert page is not None
    shown = page.readings[0]
    assert shown.problem is not None and shown.problem.text() == "系统停机"
    assert (shown.kept, shown.read_at) == (2, before)
    assert failures() == []  # a typed error is an answer


WRONG: list[tuple[Callable[[str], object], str]] = [
    (broken, "ZeroDivisionError"),
    (lambda cursor: exec("raise SystemExit"), "sys.exit"),
    (lambda cursor: None, "NoneType, not Pulled"),
    (lambda cursor: [row(1)], "list, not Pulled"),
    (lambda cursor: Pulled(rows=row(1)), "dict, not a tuple"),  # type: ignore[arg-type]
    (lambda cursor: Pulled(rows=("x",)), "str, not a mapping"),  # type: ignore[arg-type]
    (lambda cursor: Pulled(({"no": 5},)), "int; rows map str to str"),  # type: ignore[dict-item]
    (lambda cursor: Pulled(({"item": "x"},)), "has no no"),
    (lambda cursor: Pulled((row("\ud800"),)), "UnicodeEncodeError"),
    (lambda cursor: Pulled((), 5), "must be a str"),  # type: ignore[arg-type]
    (lambda cursor: Pulled((), "\x00"), "null character"),
    (lambda cursor: Pulled((), "", "no"), "must be a str"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("answer", "says"), WRONG)
def test_what_is_wrong_with_a_pull_is_the_plugins_failure_and_touches_no_row(
    answer: Callable[[str], object], says: str, trial: Any, pia: User
) -> None:
    trial.answers["orders"] = good
    reading.read(pia, "trial")
    trial.answers["orders"] = answer
    (problem,) = reading.read(pia, "trial").problems
    assert problem.code == "JS-4001" and says in problem.text()
    assert numbers() == ["1", "2"]
    assert any(says in text for text in failures())


@pytest.mark.parametrize(
    ("offer", "says"),
    [
        (broken, "ZeroDivisionError"),
        (down, "系统停机"),
        (lambda _: None, "tuple of Entity"),
        (lambda _: ("orders",), "tuple of Entity"),
    ],
)
def test_when_discovering_fails_nothing_is_pulled(
    offer: Callable[[str], Any], says: str, trial: Any, pia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "offers", lambda: offer(""))
    (problem,) = reading.read(pia, "trial").problems
    assert says in problem.text()
    assert trial.asked == ["discover"]
    page = service.page("trial")
    assert page is not None and page.read_problem is not None
    assert says in page.read_problem.text()


def test_an_entity_that_is_refused_does_not_keep_the_others_from_being_read(
    trial: Any, pia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "offers", lambda: (trial.ORDERS, trial.STOCK))
    trial.answers |= {"orders": down, "stock": lambda c: Pulled(({"item": "x", "odd": "y"},))}
    for _time in range(reading.MAX_FAILURES + 1):
        outcome = reading.read(pia, "trial")
        assert outcome.rows == {"stock": 1} and len(outcome.problems) == 1
    page = service.page("trial")
    assert page is not None and page.rests_until is None
    assert page.readings[1].rows[0] == {"item": "x"}  # only declared columns


def test_a_connector_that_hangs_is_left_after_its_time_and_the_rest_not_asked(
    trial: Any, pia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PULL_SECONDS", 0.3)
    monkeypatch.setattr(trial, "offers", lambda: (trial.ORDERS, trial.STOCK))
    trial.answers |= {"orders": lambda cursor: trial.released.wait(60), "stock": good}
    (problem,) = reading.read(pia, "trial").problems
    assert problem.code == "JS-4003" and "没有答复" in problem.text()
    assert trial.asked == ["discover", ("orders", "")]


def test_after_failures_in_a_row_the_connector_rests_and_then_one_reading_tries(
    trial: Any, pia: User, clock: Clock
) -> None:
    trial.answers["orders"] = down
    for _time in range(reading.MAX_FAILURES):
        assert reading.read(pia, "trial").problems
    page = service.page("trial")
    assert page is not None and page.rests_until == clock.now + reading.REST
    asked = len(trial.asked)
    clock.forward(4)
    with pytest.raises(ProblemError, match="暂时不去读它"):
        reading.read(pia, "trial")
    assert len(trial.asked) == asked
    clock.forward(2)
    page = service.page("trial")
    assert page is not None and page.rests_until is None

    def meanwhile(cursor: str) -> Pulled:
        # The half-open breaker lets one through; a second one at the same time is turned away.
        with pytest.raises(ProblemError, match="暂时不去读它"):
            reading.read(pia, "trial")
        return down(cursor)

    trial.answers["orders"] = meanwhile
    (problem,) = reading.read(pia, "trial").problems
    assert problem.text() == "系统停机"
    page = service.page("trial")
    assert page is not None and page.rests_until == clock.now + reading.REST
    clock.forward(6)
    trial.answers["orders"] = good
    assert reading.read(pia, "trial").rows == {"orders": 2}
    db.session.rollback()
    row = db.session.query(Connection).one()
    assert (row.failures, row.open_until) == (0, None)


@pytest.mark.parametrize("remedy", ["check", "save"])
def test_a_check_that_succeeds_or_new_settings_end_the_rest(
    remedy: str, trial: Any, pia: User
) -> None:
    trial.answers["orders"] = down
    for _time in range(reading.MAX_FAILURES):
        reading.read(pia, "trial")
    trial.answers["orders"] = good
    if remedy == "check":
        assert service.check(pia, "trial").ok
    else:
        service.save(pia, "trial", {"server": "z"})
    assert reading.read(pia, "trial").rows == {"orders": 2}


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=st.lists(st.sampled_from(["good", "down", "broken", "wait"]), max_size=14))
def test_the_breaker_does_as_its_model(
    steps: list[str], trial: Any, pia: User, clock: Clock
) -> None:
    service.save(pia, "trial", {"server": "y"})
    in_a_row, closed_at = 0, clock.now
    for step in steps:
        if step == "wait":
            clock.forward(3)
            continue
        asked = len(trial.asked)
        trial.answers["orders"] = {"good": good, "down": down, "broken": broken}[step]
        if clock.now < closed_at:
            with pytest.raises(ProblemError):
                reading.read(pia, "trial")
            assert len(trial.asked) == asked
            continue
        outcome = reading.read(pia, "trial")
        assert len(trial.asked) > asked
        assert bool(outcome.problems) == (step != "good")
        in_a_row = 0 if step == "good" else in_a_row + 1
        closed_at = clock.now + reading.REST if in_a_row >= reading.MAX_FAILURES else clock.now


def test_other_settings_begin_anew_and_the_same_ones_do_not(trial: Any, pia: User) -> None:
    trial.answers["orders"] = good
    reading.read(pia, "trial")
    service.save(pia, "trial", {"server": "y"})
    assert numbers() == ["1", "2"]
    service.save(pia, "trial", {"server": "other"})
    assert db.session.query(ConnectorReading).count() == 0
    reading.read(pia, "trial")
    assert trial.asked[-1] == ("orders", "")


def test_what_comes_after_the_settings_were_changed_is_not_kept(trial: Any, pia: User) -> None:
    def changing(cursor: str) -> Pulled:
        with write() as session:
            session.query(Connection).one().updated_at = reading.utcnow()
        return Pulled((row("old"),), "old")

    trial.answers["orders"] = changing
    with pytest.raises(ProblemError, match="改了设置"):
        reading.read(pia, "trial")
    assert db.session.query(ConnectorReading).count() == 0


def test_a_connector_that_is_not_set_up_or_unknown_is_refused(app: Any, pia: User) -> None:
    with pytest.raises(ProblemError, match="还没有设置"):
        reading.read(pia, "trial")
    with pytest.raises(ProblemError, match="没有名为"):
        reading.read(pia, "nothing")
