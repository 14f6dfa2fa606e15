"""Bringing notices out through the channels of plugins, each once, whatever breaks.

A delivery is claimed in a transaction of its own before it is sent: two workers never send one
twice, and one whose worker died in between is due again when the claim has run out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from kb.problems import N_, Problem
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.contributions import Message
from portal.db import clock_from, db, utcnow, write
from portal.notifications.models import Delivery, DeliveryState, Notice
from portal.plugin_host import host
from portal.plugin_host.calls import Fault, in_words
from portal.plugin_host.collecting import Collected
from portal.plugin_host.context import PluginContext

HOOK = "portal_notification_channels"

SEND_SECONDS = 20.0
CLAIM = timedelta(minutes=2)
"""Longer than any sending can take."""
ATTEMPTS = 8
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=6)
PATIENCE = 3
"""After so many failures, or one without an answer, a channel is left alone until the next turn."""
BATCH = 100
FRESH = timedelta(days=7)
"""What could not be laid out for so long is no news any more and stays in the portal."""


def deliver_due(now: datetime) -> int:
    """Send what is due at `now`; gives how many messages went out.

    A channel gets the notices made while it is there. One that is gone for a while finds its
    deliveries waiting.
    """
    channels = {one.item.name: one for one in host().collected(HOOK)}
    clock = clock_from(now)
    _lay_out(now, channels)
    sent, faults = 0, Counter[str]()
    for delivery_id, channel in _due(now, channels):
        if faults[channel] >= PATIENCE:
            # A system that is down today does not keep the other channels waiting.
            continue
        claimed = _claim(delivery_id, now, clock() + CLAIM)
        if claimed is None:
            continue
        result = _send(channels[channel], claimed.message)
        _note(claimed, result, clock())
        if isinstance(result, Fault):
            faults[channel] += PATIENCE if isinstance(result.error, TimeoutError) else 1
        else:
            sent += 1
    return sent


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 1, 3, 9, … minutes, 6 hours at most."""
    factor: int = 3 ** min(attempts - 1, 10)
    return min(SHORTEST * factor, LONGEST)


def _lay_out(now: datetime, channels: Mapping[str, Collected]) -> None:
    """Give each new notice a delivery for each channel."""
    query = select(Notice.id).where(Notice.routed_at.is_(None)).order_by(Notice.id).limit(BATCH)
    ids = db.session.scalars(query).all()
    if not ids:
        return
    with write() as session:
        # Only rows that nobody has marked meanwhile: another worker does the same.
        mine = session.scalars(
            update(Notice)
            .where(Notice.id.in_(ids), Notice.routed_at.is_(None))
            .values(routed_at=now)
            .returning(Notice.id)
        ).all()
        news = session.scalars(
            select(Notice.id)
            .join(User)
            .where(Notice.id.in_(mine), User.active, Notice.created_at > now - FRESH)
            .order_by(Notice.id)
        )
        session.add_all(
            Delivery(notice_id=notice_id, channel=channel, next_at=now)
            for notice_id in news.all()
            for channel in channels
        )


def _due(now: datetime, channels: Mapping[str, Collected]) -> list[tuple[int, str]]:
    query = (
        select(Delivery.id, Delivery.channel)
        .where(
            Delivery.state == DeliveryState.WAITING,
            Delivery.next_at <= now,
            Delivery.channel.in_(list(channels)),
        )
        .order_by(Delivery.next_at, Delivery.id)
        .limit(BATCH)
    )
    found = [(row.id, row.channel) for row in db.session.execute(query)]
    # No transaction stays open while other systems are waited for.
    db.session.rollback()
    return found


@dataclass(frozen=True)
class _Claimed:
    id: int
    attempt: int
    message: Message


def _claim(delivery_id: int, now: datetime, until: datetime) -> _Claimed | None:
    """Take a delivery that was due at `now` for this worker; None when another has it."""
    with write() as session:
        attempt = session.scalar(
            update(Delivery)
            .where(
                Delivery.id == delivery_id,
                Delivery.state == DeliveryState.WAITING,
                Delivery.next_at <= now,
            )
            .values(next_at=until, attempts=Delivery.attempts + 1)
            .returning(Delivery.attempts)
        )
        if attempt is None:
            return None
        notice = session.get_one(Delivery, delivery_id).notice
        user = notice.user
        message = Message(
            key=notice.key,
            to=user.name,
            display_name=user.display_name or user.name,
            email=user.email or "",
            subject=notice.subject,
            body=notice.body,
            url=notice.url,
        )
        return _Claimed(delivery_id, attempt, message)


def _send(channel: Collected, message: Message) -> Fault | None:
    where = f"channel {channel.item.name}"

    def work(ctx: PluginContext) -> str:
        answer: object = channel.item.send(ctx, message)
        return "" if answer is None else type(answer).__name__

    result = host().call(channel.plugin, where, work, SEND_SECONDS)
    if isinstance(result, Fault):
        return result
    owner = host().plugin(channel.plugin)
    if result and owner is not None:
        # It did not raise, so the message is out: sending it again would only be worse.
        host().record(owner, where, _answered(channel, result))
    return None


def _answered(channel: Collected, found: str) -> Problem:
    return Problem(
        "JS-4001",
        N_("插件 %(plugin)s 的渠道 %(name)s 的 send 返回了 %(found)s，应当什么也不返回"),
        N_("请插件作者改正：送到了就返回 None，没送到就抛出异常"),
        params={"plugin": channel.plugin, "name": channel.item.name, "found": found},
    )


def _note(claimed: _Claimed, result: Fault | None, now: datetime) -> None:
    values: dict[str, object]
    if not isinstance(result, Fault):
        values = {"state": DeliveryState.SENT, "sent_at": now, "error": ""}
    elif claimed.attempt >= ATTEMPTS:
        values = {"state": DeliveryState.FAILED, "error": in_words(result)}
    else:
        values = {"next_at": now + pause(claimed.attempt), "error": in_words(result)}
    mine = (Delivery.id == claimed.id, Delivery.attempts == claimed.attempt)
    with write() as session:
        session.execute(update(Delivery).where(*mine).values(**values))


# For administrators


def troubled(limit: int = 200) -> list[Delivery]:
    """Deliveries that were given up, then those that will be tried again, newest first."""
    query = (
        select(Delivery)
        .where(
            or_(
                Delivery.state == DeliveryState.FAILED,
                (Delivery.state == DeliveryState.WAITING) & (Delivery.error != ""),
            )
        )
        .options(joinedload(Delivery.notice).joinedload(Notice.user))
        .order_by(Delivery.state == DeliveryState.WAITING, Delivery.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def send_again(actor: User, delivery_id: int | None = None) -> int:
    """Start a delivery that was given up anew, at the worker's next turn; without an id: all that
    were. Gives how many.
    """
    where = [Delivery.state == DeliveryState.FAILED]
    if delivery_id is not None:
        where.append(Delivery.id == delivery_id)
    with write() as session:
        ids = session.scalars(
            update(Delivery)
            .where(*where)
            .values(state=DeliveryState.WAITING, attempts=0, next_at=utcnow())
            .returning(Delivery.id)
        ).all()
        if ids:
            accounts.audit(actor, "delivery.again", ", ".join(map(str, ids)))
    return len(ids)
