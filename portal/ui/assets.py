"""Addresses of our own static files: each carries the hash of its content, so that browsers may
keep it for ever and never see a stale one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request

YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Give templates `asset(name)` and long-lived caching of what it points to."""
    static = Path(str(app.static_folder))
    known: dict[str, str] = {}

    def asset(name: str) -> str:
        if name not in known:
            digest = hashlib.sha256((static / name).read_bytes()).hexdigest()[:10]
            known[name] = f"{app.static_url_path}/{name}?v={digest}"
        return known[name]

    def keep_static(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response

    app.jinja_env.globals["asset"] = asset
    app.after_request(keep_static)
