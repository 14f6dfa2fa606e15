"""Threads for plugins' code: whoever waits for it waits no longer than he likes.

A thread cannot be ended from outside. One that is no longer waited for is left to itself; it is a
daemon, so it keeps no process alive, and a plugin that has `STUCK` of them is not called again
until one comes back.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from portal.plugin_host import owners
from portal.plugin_host.calls import Fault, Slow, attempt_anything

T = TypeVar("T")

STUCK = 4
"""Calls of one plugin that nobody waits for any more; with so many it rests."""
IDLE = 8
"""Threads kept for the next call."""


class Job(Generic[T]):
    """One call: what to do, and what came of it."""

    def __init__(self, plugin: str, work: Callable[[], T]) -> None:
        self.plugin = plugin
        self.work = work
        self.result: T | Fault | None = None
        self.late: Callable[[T | Fault], None] | None = None
        self.abandoned = False
        # A bare lock is several times cheaper than threading.Event.
        self.done = threading.Lock()
        self.done.acquire()


class _Worker(threading.Thread):
    def __init__(self, pool: Pool) -> None:
        super().__init__(name="plugin-call", daemon=True)
        self._pool = pool
        self.jobs: SimpleQueue[Job[Any] | None] = SimpleQueue()

    def run(self) -> None:
        while (job := self.jobs.get()) is not None:
            with owners.running(job.plugin):
                job.result = attempt_anything(job.work)
            if not self._pool.finished(self, job):
                return


class Pool:
    """Calls in threads. One for each application; safe among threads and after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: deque[_Worker] = deque()
        self._stuck: Counter[str] = Counter()
        self._pid = os.getpid()
        self._at_work = 0
        self._closed = False

    def run(
        self,
        plugin: str,
        work: Callable[[], T],
        seconds: float,
        late: Callable[[T | Fault], None] | None = None,
    ) -> T | Fault:
        """The result of `work`, or the Fault: `Slow` when it is not there after `seconds`.

        `late` is then given the result when it comes after all.
        """
        if self._stuck[plugin] >= STUCK:
            return Fault(Slow(seconds), "")
        job = self.start(plugin, work)
        if job.done.acquire(timeout=seconds) or not self.abandon(job, late):
            return job.result  # type: ignore[return-value]
        return Fault(Slow(seconds), "")

    def start(self, plugin: str, work: Callable[[], T]) -> Job[T]:
        """Begin `work`; wait for it by ``job.done``."""
        job = Job(plugin, work)
        with self._lock:
            self._at_work += 1
        self._worker().jobs.put(job)
        return job

    def abandon(self, job: Job[Any], late: Callable[[Any], None] | None = None) -> bool:
        """Wait no longer; False when the job has ended meanwhile and its result is there."""
        with self._lock:
            if job.done.acquire(blocking=False):
                return False
            job.abandoned, job.late = True, late
            self._stuck[job.plugin] += 1
        return True

    def finished(self, worker: _Worker, job: Job[Any]) -> bool:
        """A worker reports its job as done; False: it is not needed any more."""
        with self._lock:
            job.done.release()
            if job.abandoned:
                self._stuck[job.plugin] -= 1
        if job.late is not None:
            attempt_anything(lambda: job.late(job.result))  # type: ignore[misc]
        with self._lock:
            self._at_work -= 1
            keep = len(self._idle) < IDLE and self._pid == os.getpid() and not self._closed
            if keep:
                self._idle.append(worker)
        return keep

    def stuck(self, plugin: str) -> int:
        """How many calls of the plugin nobody waits for any more, though they go on."""
        return self._stuck[plugin]

    def settle(self, seconds: float) -> bool:
        """Wait until no thread is at work, abandoned ones too; False when that takes longer."""
        until = time.monotonic() + seconds
        while self._at_work and time.monotonic() < until:
            time.sleep(0.005)
        return not self._at_work

    def close(self) -> None:
        """Let the threads end as soon as they have nothing to do: the application is done with."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for worker in idle:
            worker.jobs.put(None)

    def _worker(self) -> _Worker:
        with self._lock:
            if self._pid != os.getpid():
                # A fork leaves the threads behind.
                self._pid = os.getpid()
                self._idle.clear()
                self._stuck.clear()
                self._at_work = 1
            if self._idle:
                return self._idle.pop()
        worker = _Worker(self)
        with owners.ours():
            worker.start()
        return worker
