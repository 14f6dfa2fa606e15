"""`portal worker`: background work. For now: keeping the search index up to date."""

from __future__ import annotations

import logging
import os
import signal
import threading

import click
from sqlalchemy.exc import SQLAlchemyError

from portal.cli.context import portal_app

log = logging.getLogger("portal.worker")

POLL_SECONDS = 0.3
"""Publish → searchable must stay below one second."""
LONGEST_PAUSE = 10.0


@click.command()
@click.option("--once", is_flag=True, help="做完积压的任务就退出")
@click.option("--parent", type=int, hidden=True, help="这个进程消失时一起退出")
def command(once: bool, parent: int | None) -> None:
    """运行后台任务：让搜索索引跟上内容。"""
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s", level=logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    from portal.db import db
    from portal.search import service as search

    with portal_app():
        pause = POLL_SECONDS
        while not stop.is_set():
            if parent is not None and os.getppid() != parent:
                return
            try:
                # catch_up rebuilds an index that is missing or damaged.
                done = search.catch_up()
                pause = POLL_SECONDS
                if done:
                    log.info("indexed %d articles", done)
            except SQLAlchemyError as error:
                # The database may be away for a while; nothing queued is lost.
                log.warning("database: %s", error)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                # One poisonous article or a full disk must not end the worker: it is logged, and
                # tried again more and more slowly.
                log.exception("index")
                pause = min(pause * 2, LONGEST_PAUSE)
            finally:
                db.session.remove()
            if once:
                return
            stop.wait(pause)
