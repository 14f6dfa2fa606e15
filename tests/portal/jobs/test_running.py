"""Jobs are run once, at their time, and whatever they do is contained."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from kb.problems import ProblemError
from portal.db import db, write
from portal.jobs import service as jobs
from portal.jobs.models import JobRun, JobSchedule, RunState
from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

COUNTER = """
def count(ctx):
    with (ctx.data_dir / "ran").open("a") as ran:
        ran.write("x")
    return "数了一遍"

@hookimpl
def portal_scheduled_jobs(ctx):
    return [ScheduledJob("count", "数数", count, every_minutes=60)]
"""


@pytest.fixture
def app(write_plugin: Write, load: Load) -> Iterator[Flask]:
    """A portal with one job that counts its runs, every hour; first seen at `NOW`."""
    write_plugin("counter", COUNTER)
    app = load()
    with app.app_context():
        assert jobs.run_due(NOW) == 0
        yield app


def ran(app: Flask, plugin: str = "counter") -> int:
    """How often the job ran, as it counts itself."""
    path: Path = app.config["SETTINGS"].home / "plugins" / plugin / "ran"
    return len(path.read_text()) if path.exists() else 0


def schedule() -> JobSchedule:
    """The row of the counting job."""
    db.session.rollback()
    return db.session.get_one(JobSchedule, ("counter", "count"))


def last(plugin: str = "counter", now: datetime = NOW) -> JobRun:
    """The last run of the plugin's one job."""
    db.session.rollback()
    run = next(page.last for page in jobs.pages(now) if page.plugin == plugin)
    assert run is not None
    return run


def test_the_first_run_of_an_interval_is_one_interval_later(app: Flask) -> None:
    assert schedule().next_at == NOW + HOUR
    assert jobs.run_due(NOW + HOUR - timedelta(seconds=1)) == 0
    assert ran(app) == 0
    assert jobs.run_due(NOW + HOUR) == 1
    assert ran(app) == 1
    assert schedule().next_at == NOW + 2 * HOUR
    run = last()
    assert (run.state, run.result, run.error) == (RunState.DONE, "数了一遍", "")
    assert run.due_at == NOW + HOUR and run.ended_at is not None


def test_after_a_day_without_workers_it_runs_once(app: Flask) -> None:
    late = NOW + timedelta(days=1)
    jobs.run_due(late)
    assert jobs.run_due(late) == 0
    assert ran(app) == 1
    assert schedule().next_at == late + HOUR


def test_a_daily_job_first_runs_at_its_next_time(write_plugin: Write, load: Load) -> None:
    source = COUNTER.replace("every_minutes=60", 'at="02:10"')
    write_plugin("daily", source)
    with load(timezone="Asia/Shanghai").app_context():
        jobs.run_due(NOW)
        row = db.session.get_one(JobSchedule, ("daily", "count"))
        # 02:10 in Shanghai is 18:10 of the day before in UTC.
        assert row.next_at == datetime(2026, 3, 2, 18, 10, tzinfo=UTC)


def test_a_rhythm_the_plugin_has_changed_counts_at_once(
    app: Flask, write_plugin: Write, load: Load
) -> None:
    write_plugin("counter", COUNTER.replace("every_minutes=60", "every_minutes=5"))
    with load().app_context():
        jobs.run_due(NOW)
        assert schedule().next_at == NOW + timedelta(minutes=5)


def test_two_workers_at_the_same_moment_run_it_once(app: Flask, load: Load) -> None:
    apps, start = [app, load(), load()], threading.Barrier(3, timeout=60)
    counted: list[int] = []

    def work(one: Flask) -> None:
        with one.app_context():
            host().collected(jobs.HOOK)
            start.wait()
            counted.append(jobs.run_due(NOW + HOUR))

    workers = [threading.Thread(target=work, args=(one,)) for one in apps]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(counted) == [0, 0, 1]
    assert ran(app) == 1
    assert db.session.scalar(select(func.count()).select_from(JobRun)) == 1


def test_a_run_whose_worker_died_is_taken_up_after_its_limit(app: Flask) -> None:
    due = NOW + HOUR
    limit = timedelta(seconds=600) + jobs.GRACE
    with write() as session:
        session.execute(update(JobSchedule).values(claimed_by="dead", claimed_until=due + limit))
        session.add(JobRun(plugin="counter", job="count", due_at=due, started_at=due))
    assert jobs.run_due(due + limit - timedelta(seconds=1)) == 0
    assert next(page for page in jobs.pages(due) if page.plugin == "counter").running
    assert jobs.run_due(due + limit) == 1
    assert ran(app) == 1
    runs = list(db.session.scalars(select(JobRun).order_by(JobRun.id)))
    assert [run.state for run in runs] == [RunState.FAILED, RunState.DONE]
    assert runs[0].error == jobs.INTERRUPTED


def test_only_the_newest_runs_are_kept(app: Flask) -> None:
    with write() as session:
        session.add_all(
            JobRun(
                plugin=plugin,
                job="count",
                due_at=NOW,
                started_at=NOW,
                state=RunState.DONE,
                result=str(number),
            )
            for plugin in ("counter", "other")
            for number in range(60)
        )
    jobs.run_due(NOW + HOUR)
    kept = list(db.session.scalars(select(JobRun.result).where(JobRun.plugin == "counter")))
    assert len(kept) == jobs.KEEP
    assert "59" in kept and "数了一遍" in kept and "10" not in kept
    others = select(func.count()).where(JobRun.plugin == "other")
    assert db.session.scalar(others) == 60


BAD = """
import sys
import time

def wait(ctx):
    while not (ctx.data_dir / "go").exists():
        time.sleep(0.01)

def refuse(ctx):
    raise ProblemError(Problem("JS-4003", "对方不在", "等一等"))

JOBS = {
    "raises": lambda ctx: 1 / 0,
    "leaves": lambda ctx: sys.exit(3),
    "wrong": lambda ctx: 42,
    "refuses": refuse,
    "hangs": wait,
}

@hookimpl
def portal_scheduled_jobs(ctx):
    run = JOBS[ctx.name.removeprefix("bad_")]
    return [ScheduledJob("job", "坏的", run, every_minutes=60, limit_seconds=1)]
"""


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("raises", "ZeroDivisionError"),
        ("leaves", "sys.exit(3)"),
        ("wrong", "run returned int"),
        ("refuses", "对方不在 → 等一等"),
        ("hangs", "没有在限定的时间内做完"),
    ],
)
def test_a_bad_job_fails_by_itself(
    name: str, error: str, app: Flask, write_plugin: Write, load: Load
) -> None:
    write_plugin(f"bad_{name}", BAD)
    bad = load()
    with bad.app_context():
        jobs.run_due(NOW)
        try:
            assert jobs.run_due(NOW + HOUR) == 2
        finally:
            plugin = host().plugin(f"bad_{name}")
            assert plugin is not None and plugin.ctx is not None
            (plugin.ctx.data_dir / "go").touch()
        run = last(f"bad_{name}")
        assert run.state is RunState.FAILED and error in run.error
        assert ran(bad) == 1
        # Named, unless it has said itself what is wrong.
        assert plugin.state is (State.ACTIVE if name == "refuses" else State.DEGRADED)
        assert jobs.run_due(NOW + HOUR) == 0
        assert jobs.run_due(NOW + 2 * HOUR) == 2


def test_a_run_at_once_does_not_wait_for_its_time(app: Flask) -> None:
    run = jobs.run_at_once("counter", "count", NOW)
    assert run.state is RunState.DONE and ran(app) == 1
    assert schedule().next_at == NOW + HOUR
    with write() as session:
        session.execute(update(JobSchedule).values(claimed_until=NOW + HOUR))
    with pytest.raises(ProblemError, match="正在运行"):
        jobs.run_at_once("counter", "count", NOW)
    with pytest.raises(ProblemError, match="没有插件"):
        jobs.run_at_once("counter", "nothing", NOW)


def test_a_run_asked_for_meanwhile_is_not_lost(
    write_plugin: Write, load: Load, login_as: Callable[..., object]
) -> None:
    write_plugin(
        "asker",
        """
        @hookimpl
        def portal_scheduled_jobs(ctx):
            def run(ctx):
                from portal.accounts import service as accounts
                from portal.jobs import service as jobs
                from datetime import datetime, UTC
                at = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
                jobs.run_soon(accounts.find("admin1"), "asker", "job", at)
            return [ScheduledJob("job", "问", run, every_minutes=60)]
        """,
    )
    login_as("admin")
    with load().app_context():
        jobs.run_at_once("asker", "job", NOW)
        row = db.session.get_one(JobSchedule, ("asker", "job"))
        assert row.next_at == NOW + timedelta(minutes=30)
