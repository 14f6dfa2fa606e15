"""Headers of every answer, the script nonce, and the refusal of cross-site writes."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def nonce() -> str:
    """This answer's script nonce (fresh for each request)."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    value: str = g.csp_nonce
    return value


def policy(script_nonce: str) -> str:
    """The Content-Security-Policy: our own files only, scripts only with the nonce."""
    return (
        "default-src 'none'; "
        f"script-src 'nonce-{script_nonce}'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def install(app: Flask) -> None:
    """Guard every request and answer of `app`."""
    app.before_request(refuse_cross_site_writes)
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = nonce


def refuse_cross_site_writes() -> None:
    """A browser says where a request comes from; one that would change things from elsewhere is
    refused before any token is looked at. Programs with a bearer token carry no cookie.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        abort(403)


def add_headers(response: Response) -> Response:
    """Add what is missing; a view that has set a header of its own keeps it."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy(nonce()))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if current_app.config["SESSION_COOKIE_NAME"] in request.cookies or "Set-Cookie" in headers:
        headers.setdefault("Cache-Control", "private, no-cache")
    else:
        headers.setdefault("Cache-Control", "no-cache")
    return response
