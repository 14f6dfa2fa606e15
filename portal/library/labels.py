"""Tags and series by the names authors write."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.slugs import slugify
from portal.counters import insert_into
from portal.library.models import Series, Tag


def tag_url(name: str) -> str:
    """The address of a tag's page."""
    return f"/tags/{quote(name)}"


def series_url(slug: str) -> str:
    """The address of a series."""
    return f"/series/{quote(slug)}"


def tags_named(session: Session, names: Sequence[str]) -> list[Tag]:
    """The tags with these names, made where missing. Call inside ``write()``."""
    if not names:
        return []
    rows = [{"name": name} for name in dict.fromkeys(names)]
    session.execute(insert_into(session, Tag).values(rows).on_conflict_do_nothing())
    return list(session.scalars(select(Tag).where(Tag.name.in_(names)).order_by(Tag.name)))


def series_named(session: Session, title: str) -> Series:
    """The series with this title, made where missing. Call inside ``write()``."""
    series = session.scalar(select(Series).where(Series.title == title))
    if series is None:
        series = Series(title=title, slug=_free_slug(session, title))
        session.add(series)
        session.flush()
    return series


def _free_slug(session: Session, title: str) -> str:
    base = slugify(title) or "series"
    taken = set(session.scalars(select(Series.slug).where(Series.slug.startswith(base))))
    number = 2
    slug = base
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
