"""Pages per second: `wrk` where it is installed, else several connections of our own client."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.client import Connection

CONNECTIONS = 16
SECONDS = 5

SCRIPT = """
local paths = {PATHS}
local n = 0
request = function()
  n = n % #paths + 1
  return wrk.format("GET", paths[n])
end
"""


@dataclass(frozen=True)
class Load:
    """Answers per second, and with what they were counted."""

    rate: float
    tool: str


def per_second(port: int, paths: Sequence[str], cookie: str = "") -> Load:
    """How many of `paths` are answered in a second with 16 connections. Raises ValueError when
    some answer is not 200.
    """
    if shutil.which("wrk"):
        return _wrk(port, paths, cookie)
    return _own(port, paths, cookie)


def _wrk(port: int, paths: Sequence[str], cookie: str) -> Load:
    quoted = ", ".join(f'"{path}"' for path in paths)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "paths.lua"
        script.write_text(SCRIPT.replace("PATHS", quoted), encoding="ascii")
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script)]
        command += ["-H", "Accept-Encoding: gzip", "-H", "User-Agent: bench"]
        command += ["-H", f"Cookie: {cookie}"] if cookie else []
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True
        )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if rate is None or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise ValueError(done.stdout)
    return Load(float(rate[1]), f"wrk, {CONNECTIONS} connections")


def _own(port: int, paths: Sequence[str], cookie: str) -> Load:
    processes = 2
    with ProcessPoolExecutor(processes) as pool:
        parts = [pool.submit(_share, port, list(paths), cookie) for _ in range(processes)]
        rate = sum(part.result() for part in parts)
    return Load(rate, "own client, which takes processor time itself: wrk would show more")


def _share(port: int, paths: list[str], cookie: str) -> float:
    def ask(offset: int) -> int:
        connection = Connection(port, cookie)
        count, deadline = 0, time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            connection.times([paths[(offset + count) % len(paths)]])
            count += 1
        return count

    threads = CONNECTIONS // 2
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(ask, range(0, 7 * threads, 7))) / SECONDS
