"""Waiting for a rendering no longer than its extensions may take."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from kb.markup.stopwatch import Stopwatch, TooSlow, start

T = TypeVar("T")


class OverBudget(TimeoutError):
    """How an extension that was too slow is reported."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"took more than {seconds * 1000:.0f} ms")


class Abandoned(Exception):
    """An extension was too slow. `thread` may be at it still: what it uses must not be used again.

    The thread is a daemon, and ends as soon as the extension gives way.
    """

    def __init__(self, owner: int, thread: threading.Thread) -> None:
        super().__init__(owner)
        self.owner = owner
        self.thread = thread


class _Helper(threading.Thread, Generic[T]):
    """Does the work; afterwards either `result` or `error` is there."""

    def __init__(
        self,
        work: Callable[[], T],
        stopwatch: Stopwatch,
        inside: Callable[[], AbstractContextManager[object]],
    ) -> None:
        super().__init__(name="markdown", daemon=True)
        self._work = work
        self._stopwatch = stopwatch
        self._inside = inside
        self.done = threading.Event()
        self.result: list[T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        start(self._stopwatch)
        try:
            with self._inside():
                result = self._work()
            # An extension may have swallowed the error that told it to stop.
            self._stopwatch.check()
            self.result.append(result)
        except BaseException as error:  # whoever waits decides, of sys.exit too
            self.error = error
        finally:
            self.done.set()


def wait_for(
    work: Callable[[], T], budget: float, inside: Callable[[], AbstractContextManager[object]]
) -> T:
    """The result of `work`, done in a thread of its own within the context that `inside` gives.

    Raises Abandoned as soon as one extension has run for more than `budget` seconds, and else
    whatever `work` raises.
    """
    stopwatch = Stopwatch(budget)
    helper = _Helper(work, stopwatch, inside)
    helper.start()
    try:
        while not helper.done.wait(stopwatch.patience()):
            slow = stopwatch.overrun()
            if slow is not None:
                raise Abandoned(slow, helper)
    except KeyboardInterrupt:
        stopwatch.condemn(stopwatch.owner)
        raise
    error = helper.error
    if error is None:
        return helper.result[0]
    if isinstance(error, TooSlow):
        raise Abandoned(error.owner, helper) from None
    if isinstance(error, KeyboardInterrupt):
        # Ctrl-C comes to the main thread only: this one is the extension's own.
        raise RuntimeError("KeyboardInterrupt") from error
    raise error
