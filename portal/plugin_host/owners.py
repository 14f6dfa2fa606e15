"""Whose code a thread is running, so that what it prints and the threads it starts have a name.

What it prints goes to the log, because standard output belongs to the command (``--json``). Threads
it starts are counted and made daemons, so that they keep no process alive.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

log = logging.getLogger("portal.plugins")

MAX_PRINTED = 300

_local = threading.local()
_threads: Counter[str] = Counter()
_listening = False
_python_start = threading.Thread.start


def owner() -> str:
    """The plugin whose code this thread is running; empty: none."""
    return getattr(_local, "owner", "")


@contextmanager
def running(plugin: str) -> Iterator[None]:
    """Inside, this thread runs code of `plugin`: what it prints goes to the log."""
    _listen()
    if not isinstance(sys.stdout, _Spoken):
        sys.stdout = _Spoken(sys.stdout)
    before, _local.owner = owner(), plugin
    try:
        yield
    finally:
        _local.owner = before


def threads_started(plugin: str) -> int:
    """How many threads the plugin has started in this process so far."""
    return _threads[plugin]


def any_threads_started() -> bool:
    """Has any plugin started a thread in this process?"""
    return bool(_threads)


def _listen() -> None:
    # Python 3.12 tells of new threads by an audit event; 3.11 has no other way than this.
    global _listening
    if not _listening:
        _listening = True
        threading.Thread.start = _start  # type: ignore[method-assign, assignment]


def _start(thread: threading.Thread) -> None:
    """`threading.Thread.start`, knowing whose code starts the thread."""
    plugin = owner()
    if plugin and not getattr(_local, "ours", False):
        _threads[plugin] += 1
        thread.daemon = True
    _python_start(thread)


@contextmanager
def ours() -> Iterator[None]:
    """Threads started inside are the portal's, even while a plugin's code runs."""
    before, _local.ours = getattr(_local, "ours", False), True
    try:
        yield
    finally:
        _local.ours = before


class _Spoken:
    """Standard output, except for threads that run a plugin's code."""

    def __init__(self, inner: TextIO) -> None:
        self.inner = inner

    def write(self, text: str) -> int:
        """Write, or log what a plugin prints."""
        plugin = owner()
        if not plugin:
            return self.inner.write(text)
        if text.strip():
            log.warning("plugin %s printed: %s", plugin, text.strip()[:MAX_PRINTED])
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
