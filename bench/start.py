"""How soon a portal answers after it is started, and what a worker keeps in memory."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

from bench.client import Connection, articles
from bench.figures import Figure, show
from bench.serving import PortalHome, Server
from bench.web import KINDS, queries

TRIES = 3
REQUESTS = 500
MIB = 1024 * 1024


def cold_start(home: PortalHome) -> float:
    """Seconds from the command to the first home page, with everything in the home ready."""
    started = time.perf_counter()
    server = Server(home)
    try:
        server.wait("/")
        return time.perf_counter() - started
    finally:
        server.stop()


def children(pid: int) -> list[int]:
    """Processes started by this one, and by those."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *children(int(child))]
    return found


def memory(pid: int) -> tuple[float, float]:
    """Resident and proportional set size of a process in MiB (shared pages count in parts)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = {name: int(kb) for name, kb in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}
    return sizes["Rss"] * 1024 / MIB, sizes["Pss"] * 1024 / MIB


def role_of(pid: int) -> str:
    """Which part of the portal a process is."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    if "resource_tracker" in command:
        return ""
    return "background worker" if " worker " in command else "web worker"


def after_requests(home: PortalHome) -> list[Figure]:
    """Memory after reading and searching for a while."""
    with home.serving() as server:
        visitor = Connection(server.port)
        pages = [*articles(visitor, KINDS), *queries([])]
        visitor.times(pages[n % len(pages)] for n in range(REQUESTS))
        found = []
        for pid in children(server.pid):
            role = role_of(pid)
            if role:
                rss, pss = memory(pid)
                most = 150 if role == "web worker" else None
                found.append(Figure(f"{role}, resident (RSS)", rss, "MiB", most=most))
                found.append(Figure(f"{role}, proportional (PSS)", pss, "MiB"))
        return found


def main() -> list[Figure]:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        home = PortalHome(Path(folder), {"anonymous_read": "true"})
        home.run("init")
        seconds = sorted(cold_start(home) for _ in range(TRIES))
        again = time.perf_counter()
        home.run("init")
        again = time.perf_counter() - again
        figures = [
            Figure(f"start to first page, median of {TRIES}", seconds[TRIES // 2], "s", most=2),
            Figure("portal init on a ready home", again, "s"),
            *after_requests(home),
        ]
    show(f"Start and memory ({REQUESTS} requests)", figures)
    return figures


if __name__ == "__main__":
    main()
