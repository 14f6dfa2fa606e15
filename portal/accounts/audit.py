"""The append-only record of administrative acts and changes of rights."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.accounts.models import AuditEntry, User
from portal.db import db, write


def audit(
    actor: User | None, action: str, subject: str = "", *, address: str = "", **detail: Any
) -> None:
    """Record that `actor` (None: the command line) did `action` to `subject`.

    Call it inside the `write()` of the act itself, so that neither stands without the other.
    """
    with write() as session:
        session.add(
            AuditEntry(
                actor_id=actor.id if actor else None,
                actor_name=actor.name if actor else "portal",
                action=action,
                subject=subject[:200],
                detail=detail,
                address=address[:45],
            )
        )


def entries(
    *, limit: int = 50, offset: int = 0, subject: str = "", action: str = ""
) -> list[AuditEntry]:
    """Newest first; with `subject` only what was done to it, with `action` what begins so."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit).offset(offset)
    if subject:
        query = query.where(AuditEntry.subject == subject)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    return list(db.session.scalars(query))
