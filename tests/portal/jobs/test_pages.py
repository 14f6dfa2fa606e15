"""What administrators see of jobs, and what they can start."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import AuditEntry, Role
from portal.db import db, utcnow
from portal.jobs import service as jobs
from portal.jobs.models import JobRun

Login = Callable[..., FlaskClient]

PLUGIN, JOB = "library_stats", "daily_counts"


def test_only_administrators_see_jobs(login_as: Login, client: FlaskClient) -> None:
    assert client.get("/admin/jobs").status_code == 302
    for role in (Role.READER, Role.PMSO):
        browser = login_as(role)
        assert browser.get("/admin/jobs").status_code == 404
        assert browser.post(f"/admin/jobs/{PLUGIN}/{JOB}/run").status_code == 404
        assert "/admin/jobs" not in browser.get("/admin/").text


def test_the_page_names_every_job_and_how_it_went(login_as: Login) -> None:
    admin = login_as(Role.ADMIN)
    assert "/admin/jobs" in admin.get("/admin/").text
    page = admin.get("/admin/jobs").text
    assert "每天 02:10" in page and "等后台进程启动" in page and "还没有运行过" in page
    jobs.run_at_once(PLUGIN, JOB, utcnow())
    page = admin.get("/admin/jobs").text
    assert "完成" in page and "记下了" in page


def test_a_job_started_from_the_page_runs_at_the_workers_next_turn(login_as: Login) -> None:
    admin = login_as(Role.ADMIN)
    answer = admin.post(f"/admin/jobs/{PLUGIN}/{JOB}/run", follow_redirects=True)
    assert answer.status_code == 200 and "后台进程马上就运行它" in answer.text
    assert db.session.scalar(select(JobRun)) is None
    assert jobs.run_due(utcnow()) == 1
    assert jobs.run_due(utcnow()) == 0
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "job.run")).one()
    assert (entry.actor_name, entry.subject) == ("admin1", f"{PLUGIN} {JOB}")


def test_an_unknown_job_is_not_found(login_as: Login, app: Flask) -> None:
    admin = login_as(Role.ADMIN)
    assert admin.post(f"/admin/jobs/{PLUGIN}/nothing/run").status_code == 404
