"""A step kind that fails, hangs or is gone: the state is kept, the page is up, it goes on later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.db import db, utcnow, write
from portal.plugin_host import host
from portal.plugin_host.states import State
from portal.projects.models import Project
from portal.workflow import running, service
from portal.workflow.models import RunState, RunStep
from tests.portal.workflow.conftest import Notes, Robot, only, steps

Login = Callable[..., FlaskClient]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise ValueError('kaputt')", "kaputt"),
        ("raise SystemExit(3)", "sys.exit"),
        ("raise TimeoutError('their timeout')", "their timeout"),
        ("return None", "NoneType"),
        ("return 'ok'", "str"),
        ("return Done", "type"),
        ("return Done('perhaps')", "perhaps"),
        ("return Done('ok', 7)", "int"),
        ("from datetime import datetime; return Wait('', datetime(2030, 1, 1))", "time zone"),
        ("return Wait('', 'tomorrow')", "str"),
        ("return Retry('x', -1)", "-1"),
        ("return Retry('x', float('nan'))", "nan"),
        ("return Retry('x', 'soon')", "str"),
        ("threading.Event().wait(20)", "秒内没有做完"),
        ("raise ProblemError(Problem('JS-4003', '令牌过期\\x00', '换一个'))", "令牌过期"),
    ],
)
def test_a_failing_step_is_kept_shown_and_done_after_mending(
    body: str,
    says: str,
    project: Project,
    lead: User,
    robot: Robot,
    login_as: Login,
    notes: Notes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "wait(20)" in body:
        monkeypatch.setattr(running, "STEP_SECONDS", 0.3)
    robot(body)
    service.add(lead, project.id, "robot", "", {"words": "kept"})
    service.add(lead, project.id, "sign", "", {})
    assert [step.state for step in steps()] == ["failed", "waiting"]
    assert steps()[0].attempts == 1 and steps()[0].config == {"words": "kept"}
    pmso = login_as(Role.PMSO)
    answer = pmso.get(f"/projects/{project.id}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200 and says in text and "再试一次" in text
    plugin = host().plugin("robots")
    assert plugin is not None
    # What the author says himself is an answer, anything else a failure of the plugin.
    assert (plugin.state is State.ACTIVE) == ("ProblemError" in body)
    robot("return Done('ok')")
    address = f"/projects/{project.id}/steps/{steps()[0].id}/retry"
    assert pmso.post(address).status_code == 302
    assert [step.state for step in steps()] == ["done", "active"]
    assert steps()[0].attempts == 2
    assert len({line.split()[0] for line in notes.read("entered")}) == 1
    assert "没做成" not in pmso.get(f"/projects/{project.id}").get_data(as_text=True)


def test_settings_the_kind_no_longer_takes(project: Project, lead: User, robot: Robot) -> None:
    robot("return Retry('x', 5)")
    service.add(lead, project.id, "robot", "", {"words": "w"})
    robot("return Done('ok')", config="    more: int")
    # The example of a kind must fit its model: the kind is gone with it.
    service.run_due(utcnow() + timedelta(minutes=1))
    assert only().state is RunState.BLOCKED
    robot("return Done('ok')", config="    words: int = 1")
    service.run_due(utcnow() + timedelta(minutes=1))
    assert only().state is RunState.FAILED
    assert "现在要的设置不同了" in only().problem["message"]


def test_a_missing_kind_blocks_and_goes_on_when_it_is_back(
    project: Project,
    lead: User,
    robot: Robot,
    login_as: Login,
    write_plugin: Callable[..., Path],
) -> None:
    robot("return Retry('x', 5)")
    service.add(lead, project.id, "robot", "", {})
    service.add(lead, project.id, "sign", "", {})
    write_plugin("robots", "")
    host().reload()
    reader = login_as(Role.READER)
    assert "没有安装步骤种类 robot" in reader.get(f"/projects/{project.id}").get_data(as_text=True)
    assert service.run_due() == 1
    assert [step.state for step in steps()] == ["blocked", "waiting"]
    assert service.run_due() == 0
    assert "没有安装步骤种类 robot" in reader.get(f"/projects/{project.id}").get_data(as_text=True)
    robot("return Done('ok')")
    assert service.run_due() == 1
    assert [step.state for step in steps()] == ["done", "active"]
    # The same for a step that waits for somebody.
    write_plugin("robots", "")
    host().reload()
    service.run_due()
    assert [step.state for step in steps()] == ["done", "blocked"]
    robot("return Done('ok')")
    service.run_due()
    assert [step.state for step in steps()] == ["done", "active"]
    assert service.act(lead, project.id, steps()[1].id, "ok") is True


def put(project: Project, **fields: object) -> RunStep:
    """A robot step whose turn it is, not yet looked at."""
    now = utcnow()
    values = {"state": RunState.ACTIVE, "entered_at": now, "due_at": now, **fields}
    with write() as session:
        step = RunStep(project_id=project.id, position=1, kind="robot", title="机器", **values)
        session.add(step)
    return step


def test_two_workers_at_once_enter_a_step_once(
    app: Flask, project: Project, robot: Robot, notes: Notes
) -> None:
    robot("time.sleep(0.05); return Done('ok')")
    put(project)
    db.session.rollback()
    gate = threading.Barrier(4)
    errors: list[BaseException] = []

    def work() -> None:
        with app.app_context():
            try:
                gate.wait()
                service.run_due()
            except BaseException as error:
                errors.append(error)
            finally:
                db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert len(notes.read("entered")) == len(notes.read("heard")) == 1
    assert only().state is RunState.DONE and only().attempts == 1


def test_a_step_being_entered_is_left_alone(
    app: Flask, project: Project, lead: User, robot: Robot, notes: Notes, login_as: Login
) -> None:
    robot(
        "(ctx.data_dir / 'in').touch()\n"
        "    while not (ctx.data_dir / 'go').exists(): time.sleep(0.01)\n"
        "    return Done('ok')"
    )
    put(project)
    db.session.rollback()

    def work() -> None:
        with app.app_context():
            service.run_due()
            db.session.remove()

    worker = threading.Thread(target=work)
    worker.start()
    folder = host().settings.home / "plugins" / "robots"
    while not (folder / "in").exists():
        threading.Event().wait(0.01)
    # No transaction is open meanwhile: pages are read and other things written.
    assert "正在做" in login_as(Role.PMSO).get(f"/projects/{project.id}").get_data(as_text=True)
    assert service.run_due() == 0
    service.try_again(lead, project.id, only().id)
    assert only().attempts == 1
    (folder / "go").touch()
    worker.join()
    assert only().state is RunState.DONE and len(notes.read("entered")) == 1


@pytest.mark.parametrize("repeat_safe", [True, False])
def test_after_a_worker_was_killed(
    repeat_safe: bool, project: Project, lead: User, robot: Robot, notes: Notes
) -> None:
    robot("return Done('ok')", repeat_safe=repeat_safe)
    now = utcnow()
    # What a worker leaves behind that was killed while the plugin was at it.
    put(project, attempts=1, claimed_at=now, due_at=now + running.CLAIM)
    assert service.run_due(now) == 0
    service.run_due(now + running.CLAIM + timedelta(seconds=1))
    if repeat_safe:
        assert only().state is RunState.DONE and only().attempts == 2
        return
    assert only().state is RunState.FAILED and notes.read("entered") == []
    service.try_again(lead, project.id, only().id)
    assert only().state is RunState.DONE


def test_a_result_that_comes_too_late_is_not_kept(
    project: Project, robot: Robot, notes: Notes
) -> None:
    robot("return Done('no')")
    step = put(project)
    first = running._claim(step.id, None)
    assert first is not None
    late = utcnow() + running.CLAIM + timedelta(seconds=1)
    second = running._claim(step.id, late)
    assert second is not None
    from portal.contributions import Done

    running._keep(first, Done("no"), None)
    assert only().state is RunState.ACTIVE and only().claimed_at is not None
    running._keep(second, Done("ok"), late)
    assert only().outcome == "ok" and len(notes.read("heard")) == 1


def test_the_worker_runs_what_is_due(app: Flask, project: Project, robot: Robot) -> None:
    from portal.cli import worker

    robot("return Done('ok')")
    put(project)
    db.session.rollback()
    duty = next(one for one in worker.BESIDE if one.name == "steps")
    assert worker.attend(app, duty) is True
    assert only().state is RunState.DONE
