"""Finished pages for visitors, answered before Flask has looked at the request.

Visitors who are not signed in all see the same page in a language and theme, as long as nothing in
the library has changed; so the bytes of the first answer serve the next. What keeps that right:

* only answers that a view has marked with `keep_page` are kept, and none that sets a cookie;
* each answer asks the database for the library's generation: any process's change counts at once;
* the script nonce is cut out of the kept bytes and a fresh one goes into each answer;
* an answer lives `LIFETIME` seconds at most, so that reading counts do not stand still.

What is kept is compressed once; the nonce goes between the compressed parts (see packed.py).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie

from portal.i18n import COOKIE as LANGUAGE_COOKIE
from portal.library.caches import Generation, Lru
from portal.library.packed import Packed
from portal.library.readings import Readings
from portal.security import nonce, policy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OFFER = "jinshi.page_cache"
MARK = "jinshi.keep_page"
THEME_COOKIE = "theme"
LIFETIME = 60.0
PAGES = 400
LARGEST = 300_000


@dataclass(frozen=True)
class Mark:
    """A view's word that its answer may be kept."""

    nonce: str
    article_id: int | None


@dataclass(frozen=True)
class Page:
    """A kept answer."""

    generation: int
    made: float
    headers: tuple[tuple[str, str], ...]
    text: Packed
    tag: str
    article_id: int | None


def keep_page(article_id: int | None = None) -> bool:
    """Let this answer be kept for other visitors; True when the cache will take care of it, of
    counting the reading too.

    Call only when nobody is signed in, and before rendering: the page then carries no form token,
    which its forms for visitors do not need.
    """
    if OFFER not in request.environ:
        return False
    # Flask-WTF gives templates what it finds here and leaves the session alone.
    g.csrf_token = ""
    request.environ[MARK] = Mark(nonce(), article_id)
    # The cache compresses by itself; here the whole answer would be frozen with its nonce.
    request.environ["HTTP_ACCEPT_ENCODING"] = ""
    return True


class PageCache:
    """WSGI middleware around the application."""

    def __init__(
        self,
        inner: WSGIApplication,
        generation: Generation,
        readings: Readings,
        pages: Lru[Page],
        session_cookie: str,
    ) -> None:
        self._inner = inner
        self._generation = generation
        self._readings = readings
        self._session_cookie = session_cookie
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = self._key(environ)
        if key is None:
            return self._inner(environ, start_response)
        try:
            generation = self._generation.current()
        except SQLAlchemyError:
            # The application says in words what is wrong.
            return self._inner(environ, start_response)
        page = self._pages.get(key)
        if page and page.generation == generation and time.monotonic() - page.made < LIFETIME:
            return self._answer(page, environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            # An answer without its body is nothing to keep.
            return self._inner(environ, start_response)
        return self._make(key, generation, environ, start_response)

    def _key(self, environ: WSGIEnvironment) -> tuple[str, ...] | None:
        """What an answer depends on, or None when it must not come from here."""
        cookies = environ.get("HTTP_COOKIE", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or "HTTP_AUTHORIZATION" in environ
            or "HTTP_RANGE" in environ
        ):
            return None
        language = theme = ""
        if cookies:
            jar = parse_cookie(cookies)
            if not _is_blank(jar.get(self._session_cookie, "")):
                return None
            language, theme = jar.get(LANGUAGE_COOKIE, ""), jar.get(THEME_COOKIE, "")
        return (
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_HOST", ""),
            environ["wsgi.url_scheme"],
            language,
            theme,
        )

    def _make(
        self,
        key: tuple[str, ...],
        generation: int,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Let the application answer, and keep the answer if a view has said so."""
        begun: list[Any] = []
        environ[OFFER] = True
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            mark = environ.get(MARK)
            if mark is None or not status.startswith("200") or not _may_be_kept(headers):
                return start_response(status, headers, exc_info)
            begun[:] = [status, headers]
            return _no_write

        body = self._inner(environ, begin)
        if not begun:
            return body
        try:
            content = b"".join(body)
        finally:
            _close(body)
        headers = begun[1]
        mark: Mark = environ[MARK]
        parts = tuple(content.split(mark.nonce.encode()))
        tag = f'W/"{hashlib.sha256(b"|".join(parts)).hexdigest()[:20]}"'
        kept = tuple((name, value) for name, value in headers if name.lower() not in _REPLACED)
        page = Page(
            generation,
            time.monotonic(),
            (*kept, *_SHARED, ("ETag", tag)),
            Packed(parts),
            tag,
            mark.article_id,
        )
        environ["HTTP_ACCEPT_ENCODING"] = accepted
        if len(content) <= LARGEST:
            self._pages.put(key, page)
        return self._answer(page, environ, start_response)

    def _answer(
        self, page: Page, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        is_get = environ["REQUEST_METHOD"] == "GET"
        if is_get and page.article_id is not None:
            self._readings.count(page.article_id, environ.get("HTTP_USER_AGENT", ""))
        if page.tag in environ.get("HTTP_IF_NONE_MATCH", ""):
            # No policy goes with it: the browser's copy keeps the nonce it came with.
            unchanged = [(n, v) for n, v in page.headers if n.lower() in _OF_UNCHANGED]
            start_response("304 Not Modified", unchanged)
            return [b""]
        fresh = secrets.token_urlsafe(16)
        headers = [*page.headers, ("Content-Security-Policy", policy(fresh))]
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body = page.text.gzipped(fresh.encode())
            headers.append(("Content-Encoding", "gzip"))
        else:
            body = page.text.filled(fresh.encode())
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return [body] if is_get else [b""]


_REPLACED = frozenset(
    {"cache-control", "content-length", "content-security-policy", "date", "etag", "vary"}
)
_SHARED = (("Cache-Control", "private, no-cache"), ("Vary", "Cookie, Accept-Encoding"))
_OF_UNCHANGED = frozenset({"cache-control", "vary", "etag"})


def _is_blank(session: str) -> bool:
    """True when a session cookie holds nothing but a form token: nobody is signed in and no message
    waits. Its signature does not matter, because a forger would only get what visitors get.
    """
    if not session:
        return True
    payload = session.removeprefix(".").partition(".")[0]
    try:
        data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        if session.startswith("."):
            data = zlib.decompressobj().decompress(data, 200)
        content = json.loads(data)
    except (ValueError, zlib.error):
        return False
    return isinstance(content, dict) and content.keys() <= {"csrf_token"}


def _may_be_kept(headers: list[tuple[str, str]]) -> bool:
    names = {name.lower() for name, _value in headers}
    return not names & {"set-cookie", "content-encoding"}


def _no_write(_data: bytes) -> None:
    raise RuntimeError("write() of WSGI is not supported on kept pages")


def _close(body: Iterable[bytes]) -> None:
    close: Callable[[], None] | None = getattr(body, "close", None)
    if close is not None:
        close()
