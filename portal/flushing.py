"""Writing what a process has counted to the database now and then, off the readers' way."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

EVERY_SECONDS = 5


class Flusher:
    """Calls `store` every few seconds, in the application's context, from the first `wake` on.

    `store` may raise SQLAlchemyError: it is then called again later, so it must keep what it could
    not store. Tests call `flush` themselves.
    """

    def __init__(self, app: Flask, name: str, store: Callable[[], None]) -> None:
        self._app = app
        self._name = name
        self._store = store
        self._lock = threading.Lock()
        self._thread_of = 0
        self._stopped = threading.Event()

    @property
    def awake(self) -> bool:
        """Has this process been woken already?"""
        return self._thread_of == os.getpid()

    def wake(self) -> None:
        """Something has been counted. A server forks after the application is built: each process
        starts a thread of its own.
        """
        if self.awake:
            return
        with self._lock:
            if self._thread_of == os.getpid():
                return
            self._thread_of = os.getpid()
        if not self._app.testing:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
            atexit.register(self._flush_at_exit)

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            self.flush()

    def stop(self) -> None:
        """The application is done with; nothing is stored any more by itself."""
        self._stopped.set()
        atexit.unregister(self._flush_at_exit)

    def _flush_at_exit(self) -> None:
        with suppress(SQLAlchemyError), self._app.app_context():
            # The database may have gone before us; what was counted last is no loss.
            self._store()

    def flush(self) -> None:
        """Store now; what cannot be stored now is kept for later."""
        try:
            with self._app.app_context():
                self._store()
        except SQLAlchemyError as error:
            reason = str(error).splitlines()[0]
            log.warning("%s not stored yet: %s", self._name, reason)
