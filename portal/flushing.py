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
    """Calls `store` a few seconds after `wake`, in the application's context, in a thread.

    `store` may raise SQLAlchemyError: it is then called again after the next `wake`, so it must
    keep what it could not store. Tests call `flush` themselves.
    """

    def __init__(self, app: Flask, name: str, store: Callable[[], None]) -> None:
        self._app = app
        self._name = name
        self._store = store
        self._lock = threading.Lock()
        self._due_in = 0
        """The process in which a thread is about to store; a fork leaves threads behind."""
        self._stopped = threading.Event()

    @property
    def awake(self) -> bool:
        """Is a thread about to store?"""
        return self._due_in == os.getpid()

    def wake(self) -> None:
        """Something has been counted."""
        if self.awake or self._app.testing or self._stopped.is_set():
            return
        with self._lock:
            if self._due_in == os.getpid():
                return
            self._due_in = os.getpid()
        atexit.unregister(self._flush_at_exit)
        atexit.register(self._flush_at_exit)
        threading.Thread(target=self._flush_soon, name=self._name, daemon=True).start()

    def _flush_soon(self) -> None:
        stopped = self._stopped.wait(EVERY_SECONDS)
        self._due_in = 0
        if not stopped:
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
