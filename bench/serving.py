"""A real portal in a process of its own, as an operator would start it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
"""Seconds until a server that does not answer is given up."""

PASSWORD = "correct-horse-battery-staple"


def free_port() -> int:
    """A port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, path: str, alive: Callable[[], bool] = lambda: True) -> None:
    """Until `path` answers 200. Raises TimeoutError when it does not, or is no longer `alive`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and alive():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # nobody listens yet
        finally:
            connection.close()
        time.sleep(0.02)
    raise TimeoutError(f"no answer from 127.0.0.1:{port}{path}")


class PortalHome:
    """A folder with a portal in it, worked on by the `portal` command.

    `settings` are given as environment variables without their prefix: ``{"workers": "2"}``.
    `command` is how the portal is called; change it, and set `source` to False, for a portal that
    is installed elsewhere: the project's folder is then not on its path.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *,
        source: bool = True,
    ) -> None:
        self.folder = folder
        self.command = [sys.executable, "-m", "portal.cli"]
        folder.mkdir(parents=True, exist_ok=True)
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PORTAL_") and name != "PYTHONPATH"
        }
        self.environ |= {"PORTAL_HOME": str(folder / "instance"), "PYTHONUTF8": "1"}
        if source:
            self.environ["PYTHONPATH"] = str(ROOT)
        for name, value in (settings or {}).items():
            self.environ[f"PORTAL_{name.upper()}"] = value

    def run(self, *words: str, stdin: str = "", fine: tuple[int, ...] = (0,)) -> str:
        """What ``portal WORDS`` prints. Raises RuntimeError unless it exits with one of `fine`."""
        done = subprocess.run(
            [*self.command, *words],
            cwd=self.folder,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if done.returncode not in fine:
            raise RuntimeError(f"portal {' '.join(words)}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def add_user(self, name: str, role: str) -> None:
        """An account with `PASSWORD`."""
        self.run("users", "add", name, "--role", role, "--password-stdin", stdin=PASSWORD + "\n")

    @contextmanager
    def serving(self, workers: int = 1) -> Iterator[Server]:
        """``portal serve`` on a free port, until the block ends."""
        server = Server(self, workers)
        try:
            server.wait()
            yield server
        finally:
            server.stop()


class Server:
    """A running ``portal serve``; `port`, `url` and `pid` say where."""

    def __init__(self, home: PortalHome, workers: int = 1) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.folder / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*home.command, "serve", "--port", str(self.port), "--workers", str(workers)],
                cwd=home.folder,
                env=home.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id of ``portal serve`` itself; its workers are children of it."""
        return self.process.pid

    def wait(self, path: str = "/healthz") -> None:
        """Until `path` answers 200. Raises RuntimeError with the log when it never does."""
        try:
            wait_for(self.port, path, alive=lambda: self.process.poll() is None)
        except TimeoutError as error:
            raise RuntimeError(f"{error}\n{self.log.read_text('utf-8')}") from error

    def stop(self) -> None:
        """End the server and everything it has started."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
