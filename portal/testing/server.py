"""Another system, played by a real HTTP server on this machine: it answers as told and records."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

MAX_BODY = 16 * 1024 * 1024


@dataclass(frozen=True)
class Recorded:
    """A request as it came in. Names of `headers` are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON. Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class RecordingServer:
    """Answers by path. `requests` holds everything that was asked, in order."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self._answers: dict[str, list[_Answer | Callable[[Recorded], Any]]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def url(self, path: str = "/") -> str:
        """The address of `path` on this server."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def answer(
        self,
        path: str,
        data: Any = None,
        *,
        text: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """What to answer at `path`: `data` as JSON, or `text`.

        Called several times for a path, the answers are given in that order, the last one for
        good. `data` may be a function that takes the `Recorded` request and gives the JSON data.
        """
        with self._lock:
            queue = self._answers.setdefault(path, [])
            if callable(data):
                queue.append(data)
            else:
                queue.append(_made(data, text, status, headers or {}))

    def forget(self, path: str) -> None:
        """Take back all answers for `path`; it is 404 again."""
        with self._lock:
            self._answers.pop(path, None)

    def close(self) -> None:
        """Stop answering: whoever connects from now on is refused."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _respond(self, request: Recorded) -> _Answer:
        with self._lock:
            self.requests.append(request)
            queue = self._answers.get(request.path)
            if not queue:
                return _made(None, f"no answer is set for {request.path}", 404, {})
            chosen = queue.pop(0) if len(queue) > 1 else queue[0]
        return chosen if isinstance(chosen, _Answer) else _made(chosen(request), None, 200, {})


def _made(data: Any, text: str | None, status: int, headers: Mapping[str, str]) -> _Answer:
    kind = "application/json" if text is None else "text/plain"
    body = json.dumps(data, ensure_ascii=False) if text is None else text
    return _Answer(status, {"Content-Type": f"{kind}; charset=utf-8", **headers}, body.encode())


def _handler(owner: RecordingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
            answer = owner._respond(
                Recorded(
                    self.command,
                    parts.path,
                    {name: values[-1] for name, values in parse_qs(parts.query).items()},
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
            )
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are recorded, not printed."""

    return Handler


@pytest.fixture
def recording_server() -> Iterator[RecordingServer]:
    """A server of this test's own."""
    server = RecordingServer()
    yield server
    if server._thread.is_alive():
        server.close()
