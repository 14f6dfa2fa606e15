"""Steps go one after the other: people's and automatic ones, waiting, events, double clicks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.problems import ProblemError
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.db import db, utcnow
from portal.plugin_host import host
from portal.projects import service as projects
from portal.projects.models import Project
from portal.workflow import service
from portal.workflow.models import RunState, RunStep
from tests.portal.workflow.conftest import Notes, Robot, only, steps

MOVES = ["sign", "robot", "quick", "act", "remove", "again", "run", "later"]


def test_an_automatic_step_runs_as_soon_as_it_is_added(
    project: Project, lead: User, robot: Robot, notes: Notes
) -> None:
    robot("return Done('ok', '好了')")
    assert service.add(lead, project.id, "robot", " 机器 干 ", {"words": "w"}) == ()
    step = only()
    assert (step.state, step.outcome, step.note, step.title) == (
        RunState.DONE,
        "ok",
        "好了",
        "机器 干",
    )
    assert step.ended_by == "" and step.ended_at is not None and step.attempts == 1
    assert notes.read("entered") == [f"run:{project.id}:{step.id} 1 w"]
    assert notes.read("heard") == [f"run:{project.id}:{step.id} robot ok  {project.id}"]


def test_later_steps_wait_for_their_turn(
    project: Project, lead: User, robot: Robot, notes: Notes
) -> None:
    robot("return Done('ok')")
    for kind in ("sign", "robot", "sign", "quick"):
        service.add(lead, project.id, kind, "", {"words": kind})
    assert [step.state for step in steps()] == ["active", "waiting", "waiting", "waiting"]
    assert notes.read("entered") == []
    first = steps()[0]
    assert service.act(lead, project.id, first.id, "no", " 不行 ") is True
    assert [step.state for step in steps()] == ["done", "done", "active", "waiting"]
    assert (steps()[0].outcome, steps()[0].note, steps()[0].ended_by) == ("no", "不行", "lena")
    service.act(lead, project.id, steps()[2].id, "ok")
    assert {step.state for step in steps()} == {RunState.DONE}
    assert [line.split()[1:3] for line in notes.read("heard")] == [
        ["sign", "no"],
        ["robot", "ok"],
        ["sign", "ok"],
        ["quick", "ok"],
    ]


def test_a_second_click_does_nothing(
    project: Project, lead: User, robot: Robot, notes: Notes
) -> None:
    robot("return Done('ok')")
    service.add(lead, project.id, "sign", "", {})
    assert service.act(lead, project.id, only().id, "ok") is True
    assert service.act(lead, project.id, only().id, "no") is False
    assert only().outcome == "ok"
    assert len(notes.read("heard")) == 1


def test_waiting_until_a_time(project: Project, lead: User, robot: Robot, notes: Notes) -> None:
    robot(
        "until = step.entered_at + timedelta(hours=2); "
        "return Done('ok') if step.now >= until else Wait('等两小时', until)"
    )
    service.add(lead, project.id, "robot", "", {})
    step = only()
    assert step.state is RunState.ACTIVE and step.note == "等两小时"
    assert step.entered_at is not None and step.due_at == step.entered_at + timedelta(hours=2)
    assert service.run_due(utcnow() + timedelta(hours=1)) == 0
    assert service.run_due(utcnow() + timedelta(hours=3)) == 1
    assert only().state is RunState.DONE and only().attempts == 2


def test_waiting_for_somebody(project: Project, lead: User, robot: Robot) -> None:
    robot("return Wait('等人')")
    service.add(lead, project.id, "robot", "", {})
    assert only().state is RunState.ACTIVE and only().due_at is None
    assert service.run_due(utcnow() + timedelta(days=1)) == 0
    service.act(lead, project.id, only().id, "no")
    assert only().outcome == "no"


def test_trying_again_by_itself(project: Project, lead: User, robot: Robot) -> None:
    robot("return Done('ok') if step.attempt == 3 else Retry('再等等', 60)")
    service.add(lead, project.id, "robot", "", {})
    assert only().state is RunState.RETRY and only().note == "再等等"
    assert service.run_due(utcnow() + timedelta(seconds=30)) == 0
    assert service.run_due(utcnow() + timedelta(seconds=90)) == 1
    assert only().state is RunState.RETRY
    service.run_due(utcnow() + timedelta(seconds=600))
    assert only().state is RunState.DONE and only().attempts == 3


def test_a_step_that_is_always_due_does_not_keep_the_worker(
    project: Project, lead: User, robot: Robot
) -> None:
    robot("return Wait('', step.now - timedelta(days=1)) if step.attempt % 2 else Retry('', 0)")
    service.add(lead, project.id, "robot", "", {})
    assert only().attempts == 1
    assert service.run_due(utcnow() + timedelta(minutes=1)) == 1
    assert only().attempts == 2


@pytest.mark.parametrize(
    ("kind", "title", "form", "says"),
    [
        ("nothing", "", {}, "nothing"),
        ("condition", "", {}, "condition"),
        ("sign", "长" * 121, {}, "120"),
        ("sign", "a\x00", {}, "看不见"),
    ],
)
def test_what_cannot_be_added(
    kind: str,
    title: str,
    form: dict[str, str],
    says: str,
    project: Project,
    lead: User,
    robot: Robot,
) -> None:
    robot("return Done('ok')")
    with pytest.raises(ProblemError, match=says):
        service.add(lead, project.id, kind, title, form)
    assert steps() == []


def test_bad_settings_are_named(project: Project, lead: User) -> None:
    problems = service.add(lead, project.id, "timer", "", {"hours": "-1"})
    assert [problem.where for problem in problems] == ["hours"]
    problems = service.add(lead, project.id, "form", "", {"fill_by": "user:a", "fields": "[{"})
    assert problems[0].where == "fields"
    assert steps() == []


def test_who_may_act(
    project: Project, lead: User, robot: Robot, make_user: Callable[..., User]
) -> None:
    robot("return Done('ok')")
    anna, otto = make_user("anna"), make_user("otto")
    projects.assign(lead, project.id, {"甲": "anna"}, project.version)
    service.add(lead, project.id, "sign", "", {})
    with pytest.raises(ProblemError, match="不归你办"):
        service.act(otto, project.id, only().id, "ok")
    with pytest.raises(ProblemError, match="nonsense"):
        service.act(anna, project.id, only().id, "nonsense")
    with pytest.raises(ProblemError, match="备注太长"):
        service.act(anna, project.id, only().id, "ok", "长" * 1001)
    with pytest.raises(ProblemError, match="没有这一步"):
        service.act(anna, project.id, 99, "ok")
    assert service.act(anna, project.id, only().id, "ok") is True
    assert accounts.entries(limit=1)[0].actor_name == "anna"


def test_nothing_runs_in_a_closed_project(
    project: Project, lead: User, robot: Robot, notes: Notes
) -> None:
    robot("return Retry('x', 1)")
    service.add(lead, project.id, "robot", "", {})
    projects.close(lead, project.id)
    assert service.run_due(utcnow() + timedelta(hours=1)) == 0
    for change in (
        lambda: service.add(lead, project.id, "sign", "", {}),
        lambda: service.try_again(lead, project.id, only().id),
        lambda: service.remove(lead, project.id, only().id),
    ):
        with pytest.raises(ProblemError, match="已经结束"):
            change()
    projects.reopen(lead, project.id)
    assert service.run_due(utcnow() + timedelta(hours=1)) == 1
    assert len(notes.read("entered")) == 2


def test_taking_away_the_current_step_lets_the_next_one_in(
    project: Project, lead: User, robot: Robot
) -> None:
    robot("raise ValueError('kaputt')")
    for kind in ("robot", "quick", "sign"):
        service.add(lead, project.id, kind, "", {})
    assert [step.state for step in steps()] == ["failed", "waiting", "waiting"]
    service.remove(lead, project.id, steps()[0].id)
    assert [(step.kind, step.state) for step in steps()] == [("quick", "done"), ("sign", "active")]
    with pytest.raises(ProblemError, match="撤不掉"):
        service.remove(lead, project.id, steps()[0].id)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=st.lists(st.sampled_from(MOVES), min_size=1, max_size=12))
def test_whatever_is_done_exactly_one_step_has_its_turn(
    moves: list[str], lead: User, robot: Robot
) -> None:
    if host().plugin("robots") is None:
        robot("return [Done('ok'), Wait('', None), Retry('', 5), 7][step.attempt % 4]")
    project = projects.start(lead, "small", "试验", projects.today())
    for move in moves:
        mine = [step for step in steps() if step.project_id == project.id]
        current = next((one for one in mine if one.state not in ("done", "waiting")), None)
        if move in ("sign", "robot", "quick"):
            service.add(lead, project.id, move, "", {})
        elif move == "run":
            service.run_due(project_id=project.id)
        elif move == "later":
            service.run_due(utcnow() + timedelta(hours=1), project.id)
        elif current is not None:
            try:
                if move == "act":
                    service.act(lead, project.id, current.id, "ok")
                elif move == "again":
                    service.try_again(lead, project.id, current.id)
                else:
                    service.remove(lead, project.id, current.id)
            except ProblemError:
                db.session.rollback()
        mine = [step for step in steps() if step.project_id == project.id]
        states = [step.state for step in mine]
        unfinished = [state for state in states if state is not RunState.DONE]
        # What is done comes first, then the one whose turn it is, then those that wait.
        assert states == [RunState.DONE] * (len(states) - len(unfinished)) + unfinished
        assert [state is RunState.WAITING for state in unfinished] == [
            number > 0 for number in range(len(unfinished))
        ]
        assert all(step.claimed_at is None for step in mine)


def test_steps_of_one_project_are_not_anothers(project: Project, lead: User, robot: Robot) -> None:
    robot("return Done('ok')")
    other = projects.start(lead, "small", "别的", project.start)
    service.add(lead, project.id, "sign", "", {})
    with pytest.raises(ProblemError, match="没有这一步"):
        service.act(lead, other.id, only().id, "ok")
    service.add(lead, other.id, "sign", "", {})
    rows = db.session.query(RunStep).order_by(RunStep.id).all()
    assert [(row.project_id, row.position, row.state) for row in rows] == [
        (project.id, 1, "active"),
        (other.id, 1, "active"),
    ]
