"""A browser of few words: it keeps its cookies and sends the hidden token of the page it is on."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from bench.client import sign_in

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """Status, text and, for a redirect, where to."""

    status: int
    text: str
    location: str = ""

    @property
    def said(self) -> str:
        """What stands on it, without markup: what a reader reads."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.text)).split())


class Browser:
    """Somebody at a running portal; without a name a visitor."""

    def __init__(self, port: int, name: str = "") -> None:
        self.port = port
        self.cookies = SimpleCookie(sign_in(port, name) if name else "")

    def get(self, path: str) -> Page:
        """The page at `path`."""
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str], form: str = "") -> Page:
        """Send a form that stands at `form` (by default at `path`), with its token."""
        token = TOKEN.search(self.get(form or path).text)
        assert token is not None, f"no form at {form or path}"
        return self.send(path, {**fields, "csrf_token": token[1]})

    def send(self, path: str, fields: dict[str, str]) -> Page:
        """Send fields as they are."""
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookies = self.cookies.output(attrs=[], header="", sep=";").strip()
        headers = {"Cookie": cookies} if cookies else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(cookie)
        connection.close()
        return Page(answer.status, text, answer.headers.get("Location") or "")
