"""`portal jobs` and `portal worker`, as real processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from portal import create_app
from portal.db import db, utcnow, write
from portal.jobs.models import JobSchedule
from portal.library.models import ContentChange
from portal.search import service as search
from portal.settings import load
from tests.portal.cli.test_commands import Run, environment, portal, ready  # noqa: F401

PLUGIN = """
import time
from portal.api import *

manifest = PluginManifest(name="chores", title="杂事")

def good(ctx):
    return "做好了"

def bad(ctx):
    raise RuntimeError("没有水")

def wait(ctx):
    (ctx.data_dir / "begun").touch()
    while not (ctx.data_dir / "go").exists():
        time.sleep(0.01)
    return "等到了"

@hookimpl
def portal_scheduled_jobs(ctx):
    return [
        ScheduledJob("good", "好的", good, at="03:30"),
        ScheduledJob("bad", "坏的", bad),
        ScheduledJob("wait", "等着的", wait),
    ]
"""


@pytest.fixture
def chores(tmp_path: Path, environment: dict[str, str], ready: Run) -> Run:  # noqa: F811
    """A home with a plugin that has a good, a bad and a waiting job."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "chores.py").write_text(textwrap.dedent(PLUGIN), encoding="utf-8")
    environment["PORTAL_PLUGINS_DIR"] = str(folder)
    return ready


def listed(run: Run) -> dict[str, dict[str, object]]:
    """The plugin's jobs by name, as the command prints them for programs."""
    done = run("jobs", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["job"]: row for row in json.loads(done.stdout) if row["plugin"] == "chores"}


def test_a_job_is_run_at_once_and_its_exit_code_tells(chores: Run) -> None:
    before = listed(chores)
    assert before["good"]["at"] == "03:30" and before["bad"]["every_minutes"] == 60
    assert before["good"]["state"] is None and before["good"]["next_at"] is None

    done = chores("jobs", "run", "chores", "good")
    assert (done.returncode, done.stdout.strip()) == (0, "做好了")
    failed = chores("jobs", "run", "chores", "bad")
    assert failed.returncode == 1 and "没有水" in failed.stderr
    unknown = chores("jobs", "run", "chores", "nothing")
    assert unknown.returncode == 2 and "portal jobs list" in unknown.stderr

    after = listed(chores)
    assert (after["good"]["state"], after["good"]["result"]) == ("done", "做好了")
    assert after["bad"]["state"] == "failed" and "没有水" in str(after["bad"]["error"])
    text = chores("jobs", "list").stdout
    assert "每天 03:30" in text and "每 60 分钟" in text and "做好了" in text


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for `condition`; a test that hangs is ended with words."""
    for _turn in range(1200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"still waiting for {what}")


@pytest.fixture
def worker(chores: Run, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:  # noqa: F811
    """A worker whose waiting job is due."""
    assert chores("worker", "--once").returncode == 0
    app = create_app(load(environment))
    app.testing = True
    with app.app_context():
        with write() as session:
            past = utcnow() - timedelta(minutes=1)
            session.execute(
                update(JobSchedule).where(JobSchedule.job == "wait").values(next_at=past)
            )
        command = [sys.executable, "-m", "portal.cli", "worker"]
        process = subprocess.Popen(command, env=environment)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            db.session.remove()
            db.engine.dispose()


def test_a_job_that_hangs_does_not_hold_up_the_index(
    worker: subprocess.Popen[bytes],
    environment: dict[str, str],  # noqa: F811
) -> None:
    folder = Path(environment["PORTAL_HOME"]) / "plugins" / "chores"
    until((folder / "begun").exists, "the job to begin")
    with write() as session:
        session.add(ContentChange(article_id=1))

    def drained() -> bool:
        db.session.rollback()
        return search.pending() == 0

    until(drained, "the index")
    assert not (folder / "go").exists()
    # Nor does it keep the worker from ending.
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
