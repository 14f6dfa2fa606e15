"""Events on their way to plugins: in order for each plugin, off the way of whoever caused them."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from portal.plugin_host.pool import Pool

FULL = 1000
"""Events that may wait for one plugin; one that hangs loses what comes after."""


class Mailbox:
    """What waits for one plugin; a thread of the pool delivers while there is something."""

    def __init__(self, plugin: str, pool: Pool) -> None:
        self._plugin = plugin
        self._pool = pool
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._busy_in = 0
        self.empty = threading.Event()
        self.empty.set()

    def put(self, work: Callable[[], None]) -> bool:
        """Hand over an event; False when the box is full."""
        if len(self._waiting) >= FULL:
            return False
        with self._lock:
            self._waiting.append(work)
            if self._busy_in == os.getpid():
                return True
            self._busy_in = os.getpid()
            self.empty.clear()
        self._pool.start(self._plugin, self._deliver)
        return True

    def _deliver(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy_in = 0
                    self.empty.set()
                    return
                work = self._waiting.popleft()
            work()


class Post:
    """A mailbox for each plugin."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._boxes: dict[str, Mailbox] = {}

    def send(self, plugin: str, work: Callable[[], None]) -> bool:
        """Hand over an event; False when the plugin's box is full."""
        box = self._boxes.get(plugin)
        if box is None:
            box = self._boxes.setdefault(plugin, Mailbox(plugin, self._pool))
        return box.put(work)

    def settle(self, seconds: float) -> bool:
        """Wait until every event has been delivered; False when that takes longer."""
        until = time.monotonic() + seconds
        boxes = list(self._boxes.values())
        return all(box.empty.wait(max(0.0, until - time.monotonic())) for box in boxes)
