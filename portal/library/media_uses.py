"""Which media an article shows, read from its words: who may see the article may fetch them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from portal.library.models import Article, Media, MediaUse, Revision

ADDRESS = re.compile(r"/media/([0-9a-f]{16})/")


def media_url(medium: Media) -> str:
    """The address of a medium."""
    return f"/media/{medium.sha256[:16]}/{medium.name}"


def starts_with(prefix: str) -> ColumnElement[bool]:
    """The media whose hash begins with these 16 hex digits, by the index."""
    return Media.sha256.between(prefix, prefix + "g")


def mentioned(session: Session, *bodies: str) -> list[Media]:
    """The media whose addresses stand in these texts."""
    prefixes = {prefix for body in bodies for prefix in ADDRESS.findall(body)}
    if not prefixes:
        return []
    found: list[Media] = []
    ordered = sorted(prefixes)
    for start in range(0, len(ordered), 200):
        some = [starts_with(prefix) for prefix in ordered[start : start + 200]]
        found += session.scalars(select(Media).where(or_(*some)))
    return found


def stem(medium: Media) -> str:
    """The name without its ending: ``intro.mp4``, ``intro.vtt`` and ``intro.webp`` go together."""
    return PurePosixPath(medium.name).stem


def update(session: Session, article: Article, companions: Iterable[Media] = ()) -> None:
    """Record what the newest and the published revision show. Call inside ``write()``.

    `companions` are captions and posters of videos: no text mentions them, so those once
    recorded stay as long as their video does.
    """
    session.flush()
    bodies = session.scalars(
        select(Revision.body).where(
            Revision.article_id == article.id,
            or_(
                Revision.number == article.head_number,
                Revision.id == article.published_revision_id,
            ),
        )
    )
    wanted = mentioned(session, *bodies)
    videos = {stem(medium) for medium in wanted if medium.kind == "video"}
    present = session.scalars(
        select(Media).join(MediaUse).where(MediaUse.article_id == article.id)
    ).all()
    kept = [m for m in [*present, *companions] if m.kind != "video" and stem(m) in videos]
    ids = {medium.id for medium in [*wanted, *kept]}
    session.execute(
        delete(MediaUse).where(MediaUse.article_id == article.id, MediaUse.media_id.not_in(ids))
    )
    for new in ids - {medium.id for medium in present}:
        session.add(MediaUse(media_id=new, article_id=article.id))
    session.flush()
