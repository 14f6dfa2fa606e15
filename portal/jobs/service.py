"""The door to the jobs room: plugins' scheduled jobs, each run once however many workers there are.

A run begins with a claim: one conditional UPDATE that only one worker can win. It holds for the
job's time limit and a little more; if the worker dies in between, another one takes the job up
when the claim has run out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from kb.problems import N_, Problem, ProblemError
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.contributions import ScheduledJob
from portal.counters import insert_into
from portal.db import clock_from, db, write
from portal.importing import service as importing
from portal.jobs.models import JobRun, JobSchedule, RunState
from portal.jobs.timing import next_time, rhythm
from portal.plugin_host import host
from portal.plugin_host.calls import Fault, in_words
from portal.plugin_host.context import PluginContext

HOOK = "portal_scheduled_jobs"

KEEP = 50
"""Runs of each job that are kept."""
GRACE = timedelta(seconds=30)
"""How much longer than its time limit a job is claimed: for writing down how it went."""
RESULT = 1000

INTERRUPTED = N_("运行到一半，后台进程就不见了")
"""The error of a run whose worker died."""


Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class _Job:
    """A job and the plugin it came from."""

    plugin: str
    item: ScheduledJob

    @property
    def row(self) -> Conditions:
        """Its row in the schedule, as conditions of a query."""
        return JobSchedule.plugin == self.plugin, JobSchedule.job == self.item.name


@dataclass(frozen=True)
class JobPage:
    """A job as administrators see it."""

    plugin: str
    plugin_title: str
    job: ScheduledJob
    next_at: datetime | None
    """None: no worker has seen it yet."""
    running: bool
    last: JobRun | None


def run_due(now: datetime) -> int:
    """Run what is due at `now`, one after the other; gives how many jobs ran.

    A job seen for the first time is due one interval, or at its next time of day, later. What was
    missed while no worker ran is made up for once.
    """
    jobs = list(_jobs())
    _enter(jobs, now)
    due = select(JobSchedule.plugin, JobSchedule.job).where(*_claimable(now))
    waiting = {tuple(row) for row in db.session.execute(due)}
    db.session.rollback()
    ran, clock = 0, clock_from(now)
    for job in jobs:
        if (job.plugin, job.item.name) in waiting:
            ran += _run(job, now, clock, _claimable(now)) is not None
    return ran


def run_at_once(plugin: str, name: str, now: datetime) -> JobRun:
    """Run a job here and now, due or not, and give how it went.

    Raises ProblemError when there is no such job or it is being run.
    """
    job = _existing(plugin, name)
    _enter([job], now)
    run = _run(job, now, clock_from(now), _free(now))
    if run is None:
        raise ProblemError(
            Problem(
                "JS-4001",
                N_("任务 %(plugin)s %(job)s 正在运行"),
                N_("等它结束；进度见 /admin/jobs"),
                params={"plugin": plugin, "job": name},
            )
        )
    return run


def run_soon(actor: User, plugin: str, name: str, now: datetime) -> None:
    """Let a job run at the worker's next turn. Raises ProblemError when there is no such job."""
    job = _existing(plugin, name)
    with write() as session:
        _enter([job], now)
        session.execute(update(JobSchedule).where(*job.row).values(next_at=now))
        accounts.audit(actor, "job.run", f"{plugin} {name}")


def pages(now: datetime) -> list[JobPage]:
    """Every job of every running plugin, with its schedule and its last run."""
    rows = {(row.plugin, row.job): row for row in db.session.scalars(select(JobSchedule))}
    newest = select(func.max(JobRun.id)).group_by(JobRun.plugin, JobRun.job)
    query = select(JobRun).where(JobRun.id.in_(newest))
    runs = {(run.plugin, run.job): run for run in db.session.scalars(query)}
    found = []
    for job in _jobs():
        key = (job.plugin, job.item.name)
        row, owner = rows.get(key), host().plugin(job.plugin)
        until = row.claimed_until if row else None
        found.append(
            JobPage(
                plugin=job.plugin,
                plugin_title=owner.title if owner else job.plugin,
                job=job.item,
                next_at=row.next_at if row else None,
                running=until is not None and until > now,
                last=runs.get(key),
            )
        )
    return found


def _jobs() -> Iterator[_Job]:
    every = (*host().collected(HOOK), *importing.scheduled())
    return (_Job(one.plugin, one.item) for one in every)


def _existing(plugin: str, name: str) -> _Job:
    for job in _jobs():
        if (job.plugin, job.item.name) == (plugin, name):
            return job
    raise ProblemError(
        Problem(
            "JS-4001",
            N_("没有插件 %(plugin)s 的任务 %(job)s"),
            N_("用 portal jobs list 看有哪些任务；插件停用时它的任务不会出现"),
            params={"plugin": plugin, "job": name},
        )
    )


def _zone() -> tzinfo:
    return ZoneInfo(host().settings.timezone)


def _enter(jobs: list[_Job], now: datetime) -> None:
    """Put jobs that are new, or whose rhythm has changed, into the schedule."""
    query = select(JobSchedule.plugin, JobSchedule.job, JobSchedule.rhythm)
    known = {(row.plugin, row.job): row.rhythm for row in db.session.execute(query)}
    news = [job for job in jobs if known.get((job.plugin, job.item.name)) != rhythm(job.item)]
    if not news:
        return
    with write() as session:
        for job in news:
            values = {
                "rhythm": rhythm(job.item),
                "next_at": next_time(job.item, now, _zone()),
            }
            row = {"plugin": job.plugin, "job": job.item.name, "claimed_by": "", **values}
            session.execute(
                insert_into(session, JobSchedule)
                .values(**row)
                .on_conflict_do_update(
                    index_elements=[JobSchedule.plugin, JobSchedule.job],
                    set_=values,
                    # Another worker may just have entered it, and somebody asked for a run since.
                    where=JobSchedule.rhythm != values["rhythm"],
                )
            )


def _free(now: datetime) -> Conditions:
    unclaimed = or_(JobSchedule.claimed_until.is_(None), JobSchedule.claimed_until <= now)
    return (unclaimed,)


def _claimable(now: datetime) -> Conditions:
    return JobSchedule.next_at <= now, *_free(now)


def _run(
    job: _Job, now: datetime, clock: Callable[[], datetime], when: Conditions
) -> JobRun | None:
    """Claim the job if `when` holds, run it and keep how it went; None: somebody else has it.

    `clock` tells what time it has become, because jobs before this one may have taken long.
    """
    me = uuid.uuid4().hex
    with write() as session:
        due_at = session.scalar(
            update(JobSchedule)
            .where(*job.row, *when)
            .values(
                claimed_by=me,
                claimed_until=clock() + timedelta(seconds=job.item.limit_seconds) + GRACE,
            )
            .returning(JobSchedule.next_at)
        )
        if due_at is None:
            return None
        _bury(session, job, clock())
        run = JobRun(plugin=job.plugin, job=job.item.name, due_at=due_at, started_at=clock())
        session.add(run)
        session.flush()
        run_id = run.id
    result = _call(job)
    with write() as session:
        run = session.get_one(JobRun, run_id)
        run.ended_at = clock()
        run.state = RunState.FAILED if isinstance(result, Fault) else RunState.DONE
        if isinstance(result, Fault):
            run.error = in_words(result)[:RESULT]
        else:
            run.result = result[:RESULT]
        mine = session.execute(
            update(JobSchedule)
            .where(*job.row, JobSchedule.claimed_by == me)
            .values(claimed_by="", claimed_until=None)
            .returning(JobSchedule.next_at)
        ).scalar()
        if mine == due_at:
            # Unless somebody has asked for another run meanwhile.
            following = next_time(job.item, now, _zone())
            session.execute(update(JobSchedule).where(*job.row).values(next_at=following))
        _forget(session, job)
    return run


def _call(job: _Job) -> str | Fault:
    def work(ctx: PluginContext) -> str:
        result: object = job.item.run(ctx)
        if result is not None and not isinstance(result, str):
            raise TypeError(f"run returned {type(result).__name__}, not a sentence or None")
        return result or ""

    return host().call(job.plugin, f"job {job.item.name}", work, job.item.limit_seconds)


def _bury(session: Session, job: _Job, now: datetime) -> None:
    """Runs that still seem to go on though the job could be claimed: their worker died."""
    session.execute(
        update(JobRun)
        .where(
            JobRun.plugin == job.plugin,
            JobRun.job == job.item.name,
            JobRun.state == RunState.RUNNING,
        )
        .values(state=RunState.FAILED, ended_at=now, error=INTERRUPTED)
    )


def _forget(session: Session, job: _Job) -> None:
    of_job = (JobRun.plugin == job.plugin, JobRun.job == job.item.name)
    kept = select(JobRun.id).where(*of_job).order_by(JobRun.id.desc()).limit(KEEP)
    session.execute(delete(JobRun).where(*of_job, JobRun.id.not_in(kept)))
