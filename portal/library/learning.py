"""Learning links of contributions: only those that lead somewhere for this reader are shown."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from portal.accounts.models import User
from portal.contributions import LearningLink
from portal.db import db
from portal.library.kinds import kinds
from portal.library.models import Article
from portal.library.visibility import visible_to


def readable(links: Iterable[LearningLink], user: User | None) -> frozenset[str]:
    """Those of the links' addresses that `user` can open, in one query.

    What is not there and what he may not see look the same: neither is in the answer.
    """
    by_prefix = {kind.prefix: kind.name for kind in kinds().values()}
    wanted: dict[tuple[str, str], str] = {}
    for link in links:
        path = link.url.partition("#")[0]
        prefix, _, slug = path.lstrip("/").partition("/")
        if prefix in by_prefix and slug:
            wanted[by_prefix[prefix], slug] = path
    if not wanted:
        return frozenset()
    slugs = {slug for _, slug in wanted}
    query = select(Article.kind, Article.slug).where(visible_to(user), Article.slug.in_(slugs))
    found = db.session.execute(query)
    return frozenset(wanted[kind, slug] for kind, slug in found if (kind, slug) in wanted)


def leading(links: Iterable[LearningLink], urls: frozenset[str]) -> tuple[LearningLink, ...]:
    """The links whose address is among `urls`."""
    return tuple(link for link in links if link.url.partition("#")[0] in urls)
