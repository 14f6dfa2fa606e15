"""Messages to people, and how each was brought out."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Enum, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.db import Base, utcnow


class DeliveryState(enum.StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    """To be sent, or to be tried again, at `Delivery.next_at`."""
    SENT = "sent"
    FAILED = "failed"
    """Given up; only an administrator starts it again."""


class Notice(Base):
    """Something one person should know; it stands on his page in the portal at once."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Tells messages apart: a second one with the same key is not made."""
    source: Mapped[str] = mapped_column(String(60), default="")
    """The plugin or room that sent it."""
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(2000), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    read_at: Mapped[datetime | None]
    routed_at: Mapped[datetime | None] = mapped_column(index=True)
    """When its deliveries were laid out, one for each channel there was."""

    user: Mapped[User] = relationship()


class Delivery(Base):
    """One notice on its way through one channel."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("notice_id", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(60))
    state: Mapped[DeliveryState] = mapped_column(
        Enum(
            DeliveryState,
            native_enum=False,
            length=16,
            values_callable=lambda states: [state.value for state in states],
            name="delivery_state",
        ),
        default=DeliveryState.WAITING,
    )
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(index=True)
    """When it is due. A worker that takes it moves this on first, so that no other takes it too."""
    error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship()
