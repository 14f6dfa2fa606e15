"""Telling the rest of the portal that content has changed, in the transaction that changes it.

Two things follow every change that readers may notice: a row in the index queue, so that search
catches up, and a higher generation, by which every process knows that its cached pages are old.
"""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal import counters
from portal.accounts.models import OrgUnit
from portal.library.models import ContentChange, Series, Space, SpaceReader


def content_changed(session: Session, article_id: int) -> None:
    """Queue the article for indexing and make cached pages old. Call inside ``write()``."""
    session.add(ContentChange(article_id=article_id))
    pages_changed(session)


def pages_changed(session: Session) -> None:
    """Make cached pages old: for changes that readers see but search does not."""
    counters.bump(session, counters.PAGES)


@event.listens_for(Session, "before_flush")
def _rights_changed(session: Session, _context: object, _instances: object) -> None:
    # Who may read what is cached per generation. Whoever changes spaces, grants or units, in any
    # room, makes those caches old without having to know of them.
    watched = (Space, SpaceReader, OrgUnit, Series)
    altered = (item for item in session.dirty if session.is_modified(item))
    changed = [*session.new, *session.deleted, *altered]
    if any(isinstance(item, watched) for item in changed):
        pages_changed(session)
