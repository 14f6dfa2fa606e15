"""Who may open a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.accounts.identity import asking
from portal.accounts.models import Role


def login_page() -> Response:
    """A redirect to the login page that comes back here afterwards."""
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("accounts.login", next=here))


def require(role: Role = Role.READER) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only for users with this role: visitors are asked to sign in, others see no such page."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = asking()
            if user is None:
                return login_page()
            if not user.role.at_least(role):
                abort(404)
            return view(*args, **kwargs)

        return guarded

    return decorate


def safe_next(target: str | None) -> str:
    """`target` when it is a path on this site, else the home page.

    Browsers read a backslash as a slash and drop control characters, so both are refused.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    if "\\" in target or any(ord(char) < 32 for char in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target
