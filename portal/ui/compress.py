"""Compressing answers: text is sent with gzip to browsers that take it."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

SMALLEST = 600
"""Bytes below which compressing saves less than its header costs."""
LEVEL = 4
TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
        "text/vtt",
    }
)


def compress(response: Response) -> Response:
    """Compress a whole text answer. Pages carry a random nonce and tokens but no secret that an
    attacker can make them repeat beside his own words, so compression leaks nothing (BREACH).
    """
    if response.mimetype not in TYPES or response.status_code not in {200, 400, 401, 404, 409}:
        return response
    response.vary.add("Accept-Encoding")
    if (
        "gzip" not in request.headers.get("Accept-Encoding", "")
        or "Content-Encoding" in response.headers
        or "Content-Range" in response.headers
    ):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(gzip.compress(body, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, weak = response.get_etag()
    if etag and not weak:
        response.set_etag(etag, weak=True)
    return response


def install(app: Flask) -> None:
    """Compress the answers of `app`; registered early, so that it runs after all others."""
    app.after_request(compress)
