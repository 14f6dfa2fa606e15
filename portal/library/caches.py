"""Bounded caches inside a process, and the generation that tells when they are old.

Nothing here is the truth: a process that starts with empty caches gives the same pages.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from flask import current_app, has_request_context
from sqlalchemy import Engine

from portal import counters
from portal.db import db
from portal.i18n import locale

V = TypeVar("V")


class Lru(Generic[V]):
    """At most `size` values; the one unused for longest goes first. Safe among threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        """The value, or None."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: V) -> None:
        """Keep `value`, letting go of the oldest when there are too many."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)

    def discard(self, key: Hashable) -> None:
        """Forget one value."""
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        return len(self._values)


class Generation:
    """The number that grows with every change readers may notice, shared by all processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def current(self) -> int:
        """Read it. Raises OperationalError when the database cannot be read."""
        return counters.read(self._engine, counters.PAGES)


class PerGeneration:
    """Values that stay right until the generation moves on."""

    def __init__(self, generation: Generation, size: int = 2048) -> None:
        self._generation = generation
        self._values: Lru[Any] = Lru(size)
        self.clear = self._values.clear

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value for `key`, made when it is missing or old. None is never kept.

        The generation is read before the data, so what is kept can only be newer than its label.
        Inside ``write()`` nothing is kept or given: what is read there may yet be rolled back.
        """
        if db.session().info.get("writing"):
            return make()
        # Values hold translated words, so each language has its own.
        spoken = locale() if has_request_context() else ""
        labelled = (self._generation.current(), spoken, key)
        value: V | None = self._values.get(labelled)
        if value is None:
            value = make()
            if value is not None:
                self._values.put(labelled, value)
        return value


def per_generation() -> PerGeneration:
    """The cache of this process for the current application."""
    cache: PerGeneration = current_app.extensions["library"].parts
    return cache
