"""Who is asking: the session cookie, or a bearer token for the API.

Flask-Login keeps ``get_id()`` in the signed cookie. What we give it is the token of a session row,
not a user id: ending the row ends the login, everywhere and at once.
"""

from __future__ import annotations

from flask import Flask, Request
from flask_login import AnonymousUserMixin, UserMixin, current_user

from portal.accounts import tokens
from portal.accounts.models import Role, User
from portal.extensions import login_manager


class Visitor(AnonymousUserMixin):  # type: ignore[misc]
    """Nobody in particular."""

    display_name = ""
    locale = None
    role = None


class SignedIn(UserMixin):  # type: ignore[misc]
    """A user together with the session that lets him in."""

    def __init__(self, user: User, token: str = "") -> None:
        self.user = user
        self.token = token

    def get_id(self) -> str:
        return self.token

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def display_name(self) -> str:
        return self.user.display_name or self.user.name

    @property
    def locale(self) -> str | None:
        return self.user.locale

    @property
    def role(self) -> Role:
        return self.user.role

    def can(self, role: str) -> bool:
        """True when the user's role includes `role` (for templates)."""
        return self.user.role.at_least(Role(role))


def asking() -> User | None:
    """The User behind this request, or None for a visitor."""
    return current_user.user if current_user.is_authenticated else None


def install(app: Flask) -> None:
    """Teach Flask-Login our sessions and tokens."""
    login_manager.init_app(app)
    login_manager.anonymous_user = Visitor
    # Sessions are rotated and revocable in the database; the extra cookie check of Flask-Login
    # would only sign people out when their address changes.
    login_manager.session_protection = None

    @login_manager.user_loader  # type: ignore[untyped-decorator]
    def _by_session(token: str) -> SignedIn | None:
        user = tokens.session_user(token)
        return SignedIn(user, token) if user else None

    @login_manager.request_loader  # type: ignore[untyped-decorator]
    def _by_bearer(request: Request) -> SignedIn | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not request.path.startswith("/api/"):
            return None
        user = tokens.token_user(token.strip())
        return SignedIn(user) if user else None
