"""`portal worker`: background work: the search index, messages on their way out, plugins' jobs."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal import plugin_host
from portal.cli.context import portal_app

log = logging.getLogger("portal.worker")

POLL_SECONDS = 0.3
"""Publish → searchable must stay below one second."""
LONGEST_PAUSE = 10.0
LAST_WORDS = 2.0
"""How long an ending worker waits for each thread still at it; a job that hangs is left behind."""


@dataclass(frozen=True)
class Duty:
    """Something to look after again and again, with `seconds` of rest in between."""

    name: str
    work: Callable[[], None]
    seconds: float


def index() -> None:
    """Let the index follow the library; a missing or damaged one is built anew."""
    from portal.search import service as search

    if done := search.catch_up():
        log.info("indexed %d articles", done)


def deliver() -> None:
    """Bring messages out."""
    from portal.db import utcnow
    from portal.notifications import service as notifications
    from portal.plugin_host import host

    host().refresh()
    if sent := notifications.deliver_due(utcnow()):
        log.info("sent %d messages", sent)


def jobs() -> None:
    """Run the plugins' jobs that are due."""
    from portal.db import utcnow
    from portal.jobs import service as schedule
    from portal.plugin_host import host

    host().refresh()
    if ran := schedule.run_due(utcnow()):
        log.info("ran %d jobs", ran)


def steps() -> None:
    """Go on with the steps of projects that are due."""
    from portal.db import utcnow
    from portal.plugin_host import host
    from portal.workflow import service as workflow

    host().refresh()
    if looked := workflow.run_due(utcnow()):
        log.info("looked at %d steps", looked)


FIRST = Duty("index", index, POLL_SECONDS)
BESIDE = (
    # Each in a thread of its own: what waits for other systems must not hold up the index.
    Duty("messages", deliver, 2.0),
    Duty("jobs", jobs, 2.0),
    Duty("steps", steps, 2.0),
)


@click.command()
@click.option("--once", is_flag=True, help="做完积压的任务就退出")
@click.option("--parent", type=int, hidden=True, help="这个进程消失时一起退出")
def command(once: bool, parent: int | None) -> None:
    """运行后台任务：让搜索索引跟上内容，送出消息，按时运行插件的任务。"""
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s", level=logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with portal_app() as app:
        plugin_host.preload(app)
        if once:
            for duty in (FIRST, *BESIDE):
                attend(app, duty)
            return
        beside = [
            threading.Thread(target=keep_at, args=(app, duty, stop), name=duty.name, daemon=True)
            for duty in BESIDE
        ]
        for thread in beside:
            thread.start()
        keep_at(app, FIRST, stop, parent)
        stop.set()
        for thread in beside:
            thread.join(LAST_WORDS)


def keep_at(app: Flask, duty: Duty, stop: threading.Event, parent: int | None = None) -> None:
    """Attend to `duty` until `stop`, or until the process `parent` is no longer the parent."""
    pause = duty.seconds
    while not stop.is_set():
        if parent is not None and os.getppid() != parent:
            return
        pause = duty.seconds if attend(app, duty) else min(pause * 2, LONGEST_PAUSE)
        stop.wait(pause)


def attend(app: Flask, duty: Duty) -> bool:
    """Do it once; False when that failed."""
    with app.app_context():
        try:
            duty.work()
            return True
        except SQLAlchemyError as error:
            # The database may be away for a while; nothing queued is lost.
            log.warning("database: %s", error)
        except Exception:
            # One poisonous article or a full disk must not end the worker: it is logged, and
            # tried again more and more slowly.
            log.exception(duty.name)
    return False
