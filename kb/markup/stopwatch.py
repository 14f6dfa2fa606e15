"""How long each extension's own code has been running in one rendering, as seen from outside.

The thread that renders says whose code it enters and leaves; another thread asks meanwhile. Nested
calls count for the innermost: a block processor that has the parser read a list for it does not pay
for the parser's time, nor for that of other extensions on the way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

CORE = -1
"""The owner of everything that is not an extension's: its time is not limited."""

LEAST_WAIT = 0.01
"""Seconds between two looks at a stopwatch, at least."""


class TooSlow(BaseException):
    """The extension with the number `owner` has used up its time.

    Not an Exception: it has to pass through code that catches all of those.
    """

    def __init__(self, owner: int) -> None:
        super().__init__(owner)
        self.owner = owner


class Stopwatch:
    """One rendering's. `budget` is the seconds that each owner but `CORE` may take in all."""

    def __init__(self, budget: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self._budget = budget
        self._clock = clock
        self._used: dict[int, float] = {}
        self._callers: list[int] = []
        # Owner, when it was entered, what it had used before: one object, so that whoever looks
        # from another thread sees three things that belong together.
        self._running = (CORE, clock(), 0.0)
        self._late: int | None = None

    @property
    def owner(self) -> int:
        """Whose code is running."""
        return self._running[0]

    def used(self, owner: int) -> float:
        """Seconds that `owner` has taken, up to now."""
        running, since, before = self._running
        return before + self._clock() - since if running == owner else self._used.get(owner, 0.0)

    # These two are called for every extension at every run of text: they repeat themselves a little
    # to be quick.

    def enter(self, owner: int) -> None:
        """Code of `owner` begins. Raises TooSlow."""
        now = self._clock()
        caller, since, before = self._running
        if caller != CORE:
            self._charge(caller, before + now - since)
        self._callers.append(caller)
        self._running = (owner, now, self._used.get(owner, 0.0))
        if self._late is not None:
            raise TooSlow(self._late)

    def leave(self) -> None:
        """It has ended. Raises TooSlow, also when it is its caller that is late."""
        now = self._clock()
        owner, since, before = self._running
        if owner != CORE:
            self._charge(owner, before + now - since)
        caller = self._callers.pop()
        self._running = (caller, now, self._used.get(caller, 0.0))
        if self._late is not None:
            raise TooSlow(self._late)

    def check(self) -> None:
        """Raise TooSlow when an owner is late, whatever has become of the error before."""
        if self._late is not None:
            raise TooSlow(self._late)

    def overrun(self) -> int | None:
        """Who is late, if anybody is."""
        running, since, before = self._running
        if running != CORE and before + self._clock() - since > self._budget:
            self.condemn(running)
        return self._late

    def condemn(self, owner: int) -> None:
        """From now on everything ends in TooSlow: nobody waits for this rendering any more."""
        if self._late is None:
            self._late = owner

    def patience(self) -> float:
        """Seconds until it is worth looking again: nobody can be late before."""
        running, since, before = self._running
        most = max(list(self._used.values()), default=0.0)
        if running != CORE:
            most = max(most, before + self._clock() - since)
        return max(self._budget - most, LEAST_WAIT)

    def _charge(self, owner: int, seconds: float) -> None:
        self._used[owner] = seconds
        if seconds > self._budget:
            self.condemn(owner)


class _OfThread(threading.local):
    stopwatch: Stopwatch | None = None


_current = _OfThread()


def start(stopwatch: Stopwatch | None) -> None:
    """Time what `charged` functions do in this thread from now on; None: no longer."""
    _current.stopwatch = stopwatch


def charge(owner: int, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The result of `function`, its time charged to `owner` if this thread has a stopwatch."""
    stopwatch = _current.stopwatch
    if stopwatch is None or stopwatch.owner == owner:
        return function(*args, **kwargs)
    stopwatch.enter(owner)
    try:
        return function(*args, **kwargs)
    finally:
        stopwatch.leave()


def charged(owner: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, charged to `owner` whenever it is called (and no longer to another before)."""
    plain = getattr(function, "charged_function", function)

    @wraps(plain)
    def run(*args: Any, **kwargs: Any) -> Any:
        return charge(owner, plain, *args, **kwargs)

    run.charged_function = plain  # type: ignore[attr-defined]
    return run
