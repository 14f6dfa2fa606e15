"""Random tokens of which only the hash is kept: session cookies, one-time links, API tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from kb.problems import N_, Problem, ProblemError
from portal.accounts.models import ApiToken, LoginSession, OneTimeLink, User
from portal.db import db, utcnow, write

FIRST_ADMIN = "first-admin"
RESET = "reset"
LINK_LIFE = timedelta(days=3)
TOUCH_EVERY = timedelta(minutes=10)
API_PREFIX = "jsp_"

LINK_DEAD = Problem(
    "JS-3002",
    N_("这个一次性链接用过了，或者已过期"),
    N_("请管理员运行 portal users reset-link 用户名，再发一个新链接"),
)


def digest(token: str) -> str:
    """SHA-256 in hex: the tokens are long random strings, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


# Sessions

# Built once: every request of a signed-in reader runs it.
_LIVE_SESSION = (
    select(LoginSession, User)
    .join(User, LoginSession.user_id == User.id)
    .where(
        LoginSession.token_hash == bindparam("digest"),
        LoginSession.revoked_at.is_(None),
        LoginSession.expires_at > bindparam("now"),
        User.active,
    )
)


def open_session(user_id: int, *, address: str, agent: str, hours: int = 24 * 14) -> str:
    """Start a session; gives the token for the cookie."""
    token = secrets.token_urlsafe(32)
    now = utcnow()
    with write() as session:
        session.add(
            LoginSession(
                token_hash=digest(token),
                user_id=user_id,
                expires_at=now + timedelta(hours=hours),
                address=address[:45],
                agent=agent[:200],
            )
        )
        session.execute(update(User).where(User.id == user_id).values(last_login_at=now))
    return token


def session_user(token: str) -> User | None:
    """The active user whose live session this is; notes now and then that it is in use."""
    now = utcnow()
    row = db.session.execute(_LIVE_SESSION, {"digest": digest(token), "now": now}).first()
    if row is None:
        return None
    login, user = row
    if now - login.last_seen_at > TOUCH_EVERY:
        login_id = login.id
        with write() as session:
            session.execute(
                update(LoginSession).where(LoginSession.id == login_id).values(last_seen_at=now)
            )
    return user


def revoke_session(token: str) -> None:
    """End the session with this token."""
    with write() as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == digest(token))
            .values(revoked_at=utcnow())
        )


def revoke_sessions(user_id: int, *, only: int | None = None, keep: str = "") -> None:
    """End one (`only`, by id) or all sessions of a user, except the one with token `keep`."""
    query = update(LoginSession).where(
        LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None)
    )
    if only is not None:
        query = query.where(LoginSession.id == only)
    if keep:
        query = query.where(LoginSession.token_hash != digest(keep))
    with write() as session:
        session.execute(query.values(revoked_at=utcnow()))


def sessions_of(user_id: int, current: str = "") -> list[tuple[LoginSession, bool]]:
    """Live sessions of a user, newest first, each with whether it is the current one."""
    rows = db.session.scalars(
        select(LoginSession)
        .where(
            LoginSession.user_id == user_id,
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > utcnow(),
        )
        .order_by(LoginSession.last_seen_at.desc())
    )
    return [(row, bool(current) and row.token_hash == digest(current)) for row in rows]


# One-time links


def new_link(purpose: str, user_id: int | None = None) -> str:
    """Make a one-time link's token; earlier unused ones for the same purpose die."""
    token = secrets.token_urlsafe(32)
    now = utcnow()
    with write() as session:
        session.execute(
            update(OneTimeLink)
            .where(
                OneTimeLink.purpose == purpose,
                OneTimeLink.user_id == user_id,
                OneTimeLink.used_at.is_(None),
            )
            .values(used_at=now)
        )
        session.add(
            OneTimeLink(
                token_hash=digest(token),
                purpose=purpose,
                user_id=user_id,
                expires_at=now + LINK_LIFE,
            )
        )
    return token


def find_link(token: str) -> OneTimeLink:
    """The live link with this token. Raises ProblemError JS-3002."""
    link = db.session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == digest(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > utcnow(),
        )
    )
    if link is None:
        raise ProblemError(LINK_DEAD)
    return link


def use_link(token: str) -> OneTimeLink:
    """Take the link, inside the caller's `write()`; a second taker raises JS-3002."""
    with write() as session:
        link = find_link(token)
        # One statement decides who was first, also between two PostgreSQL transactions.
        taken = session.execute(
            update(OneTimeLink)
            .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
            .values(used_at=utcnow())
        )
        if not taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            raise ProblemError(LINK_DEAD)
        return link


# Personal access tokens


def new_api_token(user_id: int, label: str, expires_at: datetime | None = None) -> str:
    """Make a personal access token; it is shown this once."""
    token = API_PREFIX + secrets.token_urlsafe(30)
    with write() as session:
        session.add(
            ApiToken(
                user_id=user_id,
                label=label.strip()[:60] or "API",
                token_hash=digest(token),
                hint=token[:8],
                expires_at=expires_at,
            )
        )
    return token


def token_user(token: str) -> User | None:
    """The active user this API token acts for, or None."""
    now = utcnow()
    row = db.session.execute(
        select(ApiToken, User)
        .join(User, ApiToken.user_id == User.id)
        .where(
            ApiToken.token_hash == digest(token),
            ApiToken.revoked_at.is_(None),
            (ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > now),
            User.active,
        )
    ).first()
    if row is None:
        return None
    api_token, user = row
    if api_token.last_used_at is None or now - api_token.last_used_at > TOUCH_EVERY:
        token_id = api_token.id
        with write() as session:
            session.execute(
                update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now)
            )
    return user


def api_tokens_of(user_id: int) -> list[ApiToken]:
    """Tokens that have not been revoked, newest first."""
    return list(
        db.session.scalars(
            select(ApiToken)
            .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.id.desc())
        )
    )


def revoke_api_token(user_id: int, token_id: int) -> None:
    """Revoke one of the user's own tokens."""
    with write() as session:
        session.execute(
            update(ApiToken)
            .where(ApiToken.id == token_id, ApiToken.user_id == user_id)
            .values(revoked_at=utcnow())
        )
