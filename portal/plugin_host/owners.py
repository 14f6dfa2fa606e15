"""Whose code a thread is running, so that what it prints and the threads it starts have a name.

Threads a plugin starts are counted by Python's own audit event ``_thread.start_new_thread``, which
is raised in the thread that starts another; what it prints goes to the log, because standard output
belongs to the command (``--json``).
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


def threads_started() -> Counter[str]:
    """How many threads each plugin has started in this process so far."""
    return Counter(_threads)


def speak_freely() -> None:
    """Give standard output back to a plugin's command, which may print."""
    if isinstance(sys.stdout, _Spoken):
        sys.stdout = sys.stdout.inner


def _listen() -> None:
    # An audit hook stays for the life of the process, so there is only ever one.
    global _listening
    if not _listening:
        _listening = True
        sys.addaudithook(_on_audit)


def _on_audit(event: str, _arguments: tuple[Any, ...]) -> None:
    if event == "_thread.start_new_thread":
        plugin = owner()
        if plugin and not getattr(_local, "ours", False):
            _threads[plugin] += 1


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
