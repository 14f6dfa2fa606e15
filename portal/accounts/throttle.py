"""How often a login may be tried: counted per account and per address, before any hashing.

Kept in the database, so that several processes count together. A company sits behind one address:
its limit is far higher than an account's.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select

from kb.problems import N_, Problem, ProblemError
from portal.accounts.models import LoginAttempt
from portal.db import db, utcnow, write

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 8
PER_ADDRESS = 100

TOO_MANY = Problem(
    "JS-3001",
    N_("登录失败次数太多，暂停一会儿"),
    N_("15 分钟后再试；忘了密码请找管理员要一个一次性链接"),
)


def check(name: str, address: str) -> None:
    """Raise ProblemError JS-3001 when this account or address has failed too often lately."""
    since = utcnow() - WINDOW
    for key, limit in ((f"name:{name}", PER_ACCOUNT), (f"addr:{address}", PER_ADDRESS)):
        failures = db.session.scalar(
            select(func.count())
            .select_from(LoginAttempt)
            .where(LoginAttempt.key == key[:120], LoginAttempt.at > since)
        )
        if (failures or 0) >= limit:
            raise ProblemError(TOO_MANY)


def failed(name: str, address: str) -> None:
    """Count a failure; rows older than the window go at the same time."""
    with write() as session:
        session.add(LoginAttempt(key=f"name:{name}"[:120]))
        session.add(LoginAttempt(key=f"addr:{address}"[:120]))
        session.execute(delete(LoginAttempt).where(LoginAttempt.at < utcnow() - WINDOW))


def succeeded(name: str) -> None:
    """Forget the account's failures."""
    with write() as session:
        session.execute(delete(LoginAttempt).where(LoginAttempt.key == f"name:{name}"[:120]))
