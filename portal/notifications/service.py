"""The door to the notifications room: telling people, and what each has been told."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select, update

from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.contributions.content import check_url
from portal.counters import insert_into
from portal.db import db, utcnow, write
from portal.notifications.delivery import deliver_due, send_again, troubled
from portal.notifications.models import Notice

__all__ = [
    "deliver_due",
    "mark_read",
    "mine",
    "notify",
    "notify_from_plugin",
    "one_of",
    "send_again",
    "troubled",
    "unread",
]

SUBJECT = 200
BODY = 10_000
URL = 2000
SHOWN = 200


def notify(
    user: User, subject: str, body: str, url: str = "", source: str = "", key: str = ""
) -> Notice:
    """Tell `user` something: it stands on his page at once, and the worker brings it out.

    `subject` becomes one line. `url` is an address of the portal or https. A second notice with
    the same `key` for him is not made; the first is given. Raises ValueError when subject or url
    will not do, TypeError when a part is no text.
    """
    for part in (subject, body, url, source, key):
        if not isinstance(part, str):
            raise TypeError(f"a message of text, not {type(part).__name__}")
    line = " ".join(subject.replace("\0", "").split())[:SUBJECT]
    if not line:
        raise ValueError("a message needs a subject")
    if url:
        check_url("message", url)
    if len(url) > URL:
        raise ValueError(f"message: an address of more than {URL} characters")
    key = f"{user.id}:{key}"[:120] if key else uuid.uuid4().hex
    values = {
        "user_id": user.id,
        "key": key,
        "source": source[:60],
        "subject": line,
        "body": body.replace("\0", "").strip()[:BODY],
        "url": url,
        "created_at": utcnow(),
    }
    with write() as session:
        statement = insert_into(session, Notice).values(values)
        session.execute(statement.on_conflict_do_nothing(index_elements=[Notice.key]))
        return session.scalars(select(Notice).where(Notice.key == key)).one()


def notify_from_plugin(plugin: str, to: str, subject: str, body: str, url: str) -> bool:
    """Tell the person with the login name `to`; False when there is nobody of that name.

    Raises what `notify` raises.
    """
    user = accounts.find(to)
    if user is None or not user.active:
        return False
    notify(user, subject, body, url, source=plugin)
    return True


def unread(user: User) -> int:
    """How many notices `user` has not read."""
    query = select(func.count()).where(Notice.user_id == user.id, Notice.read_at.is_(None))
    return db.session.scalar(query) or 0


def mine(user: User) -> list[Notice]:
    """What `user` has been told, newest first, as far as a page shows it."""
    query = select(Notice).where(Notice.user_id == user.id).order_by(Notice.id.desc()).limit(SHOWN)
    return list(db.session.scalars(query))


def one_of(user: User, notice_id: int) -> Notice | None:
    """This notice, if it is `user`'s."""
    notice = db.session.get(Notice, notice_id)
    return notice if notice is not None and notice.user_id == user.id else None


def mark_read(user: User, notice: Notice | None = None) -> None:
    """`user` has read this notice; without one: all of his."""
    where = [Notice.user_id == user.id, Notice.read_at.is_(None)]
    if notice is not None:
        where.append(Notice.id == notice.id)
    with write() as session:
        session.execute(update(Notice).where(*where).values(read_at=utcnow()))
