"""A small HTTP/1.1 client that costs little time itself: one kept-open connection, raw bytes."""

from __future__ import annotations

import http.client
import re
import socket
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from bench.serving import PASSWORD


@dataclass(frozen=True)
class Answer:
    """Status, body (as sent: maybe compressed) and the seconds from asking to the last byte."""

    status: int
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body, decompressed."""
        packed = self.body.startswith(b"\x1f\x8b")
        return (zlib.decompress(self.body, 31) if packed else self.body).decode()


class Connection:
    """Asks one server again and again on one connection."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = f"Host: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\nUser-Agent: bench\r\n"
        if cookie:
            self.headers += f"Cookie: {cookie}\r\n"

    def get(self, path: str) -> Answer:
        """The answer to GET `path` (already percent-encoded)."""
        started = time.perf_counter()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{self.headers}\r\n".encode("ascii"))
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if length is None:
            raise ValueError(f"{path}: an answer without content-length")
        missing = int(length[1]) - len(body)
        parts = [body]
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        seconds = time.perf_counter() - started
        return Answer(int(head[9:12]), b"".join(parts), seconds)

    def _more(self) -> bytes:
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server has closed the connection")
        return data

    def times(self, paths: Iterable[str]) -> list[float]:
        """Seconds of each answer, all of which must be 200."""
        found = []
        for path in paths:
            answer = self.get(path)
            if answer.status != 200:
                raise ValueError(f"{path}: {answer.status}")
            found.append(answer.seconds)
        return found


def sign_in(port: int, name: str) -> str:
    """The cookie of `name`, got through the login form like a browser does."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/login")
    answer = connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    assert token is not None
    cookie = _cookies(answer)
    form = {"name": name, "password": PASSWORD, "csrf_token": token[1]}
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status not in {302, 303}:
        raise ValueError(f"login answered {answer.status}")
    return _cookies(answer)


def _cookies(answer: http.client.HTTPResponse) -> str:
    sent = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(one.split(";", 1)[0] for one in sent)


LINK = re.compile(r'href="(/[a-z]+/[^"#?]+)"')


def articles(connection: Connection, kinds: Iterable[str]) -> list[str]:
    """Addresses of the articles on the lists ``/KIND/`` of these kinds, page by page."""
    found: dict[str, None] = {}
    for kind in kinds:
        for page in range(1, 100):
            before = len(found)
            text = connection.get(f"/{kind}/?page={page}").text
            main = text.partition("<main")[2].partition("</main>")[0]
            for link in LINK.findall(main):
                if link.startswith(f"/{kind}/"):
                    found.setdefault(quote(link, safe="/%"))
            if len(found) == before:
                break
    return list(found)
