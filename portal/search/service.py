"""The door to the search room: searching and suggesting for a person, upkeep of the index."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import or_, select

from kb.problems import N_, Problem
from kb.search import parse_query
from kb.search.model import Hit, IndexUnavailable, Query
from portal.accounts.models import User
from portal.contributions import Shortcut
from portal.db import db
from portal.library import service as library
from portal.library.models import Article
from portal.plugin_host import host
from portal.plugin_host.rights import viewer_of
from portal.search.engine import engine
from portal.search.guarded import EngineUnavailable
from portal.search.indexing import catch_up, drain, drift, mend, pending, rebuild

__all__ = [
    "Answer",
    "Found",
    "Offer",
    "catch_up",
    "drain",
    "drift",
    "engine",
    "index_is_readable",
    "mend",
    "pending",
    "rebuild",
    "search",
    "suggest",
]

log = logging.getLogger(__name__)

MAX_LIMIT = 100
MAX_OFFSET = 10_000

NO_INDEX = Problem(
    "JS-1004",
    N_("搜索索引暂时用不了，下面只按标题查找"),
    N_("后台任务会自动重建；管理员也可以运行 portal reindex"),
)


@dataclass(frozen=True)
class Found:
    """An article found, as pages and the API show it."""

    id: int
    kind: str
    title: str
    title_html: Markup
    url: str
    anchor: str
    heading: str
    path: tuple[str, ...]
    snippet: Markup
    score: float
    source: str | None
    code: str
    tags: tuple[str, ...]
    updated: datetime | None

    @property
    def kind_label(self) -> str:
        """The kind's label, a source string."""
        return library.kind_named(self.kind).label

    @property
    def mark(self) -> str:
        """The kind's seal character."""
        return library.kind_named(self.kind).mark

    @property
    def href(self) -> str:
        """The address with the section's anchor."""
        return f"{self.url}#{self.anchor}" if self.anchor else self.url


@dataclass(frozen=True)
class Answer:
    """What a search gave. `took_ms` is the time spent here, in milliseconds."""

    query: str
    total: int
    hits: tuple[Found, ...]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    did_you_mean: str | None = None
    took_ms: float = 0.0
    problem: Problem | None = None
    shortcut: Shortcut | None = None
    """Where a plugin says the query leads at once."""


@dataclass(frozen=True)
class Offer:
    """A suggestion while typing."""

    text: str
    url: str
    kind: str


def index_is_readable() -> bool:
    """False when the index is missing or damaged; the worker builds it anew."""
    try:
        engine().stats()
    except IndexUnavailable:
        return False
    return True


def search(
    user: User | None, raw: str, *, kind: str = "", tag: str = "", limit: int = 10, offset: int = 0
) -> Answer:
    """Search for `user`. Never raises for any query text."""
    started = time.perf_counter()
    limit, offset = max(0, min(limit, MAX_LIMIT)), max(0, min(offset, MAX_OFFSET))
    query = parse_query(raw)
    if tag:
        query = replace(query, tags=(*query.tags, tag))
    spaces = library.readable_space_ids(user)
    shown = raw[:200]
    if query.is_empty or not spaces:
        answer = Answer(shown, 0, ())
    else:
        query = replace(query, spaces=frozenset(str(space) for space in spaces))
        try:
            results = engine().search(query, limit=limit, offset=offset, kind=kind or None)
        except IndexUnavailable as error:
            log.error("search index unavailable: %s", error)
            problem = error.problem if isinstance(error, EngineUnavailable) else NO_INDEX
            answer = _by_title(user, query, kind, limit, offset, problem)
        else:
            answer = Answer(
                shown,
                results.total,
                tuple(_checked(user, results.hits)),
                {name: dict(counts) for name, counts in results.facets.items()},
                results.did_you_mean,
            )
    took = round((time.perf_counter() - started) * 1000, 2)
    return replace(answer, took_ms=took, shortcut=None if offset else _shortcut(user, shown))


def _shortcut(user: User | None, typed: str) -> Shortcut | None:
    """What a plugin knows of the whole query."""
    typed = typed.strip()
    if not typed:
        return None
    return host().resolve(
        "portal_resolve_shortcut", accepts=Shortcut, query=typed, viewer=viewer_of(user)
    )


def _rows(user: User | None, ids: Sequence[int]) -> dict[int, Any]:
    """Which of these articles `user` may see now: the database has the last word."""
    rows = db.session.execute(
        select(
            Article.id, Article.kind, Article.slug, Article.source_path, Article.updated_at
        ).where(Article.id.in_(ids), library.listed_for(user))
    )
    return {row.id: row for row in rows}


def _checked(user: User | None, hits: Sequence[Hit]) -> list[Found]:
    rows = _rows(user, [int(hit.id) for hit in hits])
    return [_found(hit, rows[int(hit.id)]) for hit in hits if int(hit.id) in rows]


def _found(hit: Hit, row: Any) -> Found:
    return Found(
        id=row.id,
        kind=row.kind,
        title=hit.title,
        title_html=Markup(hit.title_html),  # noqa: S704 - escaped by the engine, see Hit
        url=library.article_url(row.kind, row.slug),
        anchor=hit.anchor,
        heading=hit.heading,
        path=hit.path,
        snippet=Markup(hit.snippet),  # noqa: S704 - escaped by the engine, see Hit
        score=round(hit.score, 4),
        source=row.source_path,
        code=hit.extra.get("code", ""),
        tags=hit.tags,
        updated=row.updated_at,
    )


def _by_title(
    user: User | None, query: Query, kind: str, limit: int, offset: int, problem: Problem
) -> Answer:
    """A plain answer from the database while there is no index: titles that hold any word."""
    words = [*query.text.split(), *query.phrases][:8]
    pattern = [Article.title.icontains(word, autoescape=True) for word in words]
    where = [library.listed_for(user), or_(*pattern)] if pattern else [library.listed_for(user)]
    if kind:
        where.append(Article.kind == kind)
    rows = list(db.session.scalars(select(Article).where(*where).order_by(Article.title)))
    hits = tuple(
        Found(
            id=article.id,
            kind=article.kind,
            title=article.title,
            title_html=escape(article.title),
            url=library.article_url(article.kind, article.slug),
            anchor="",
            heading="",
            path=(),
            snippet=escape(article.summary),
            score=0.0,
            source=article.source_path,
            code="",
            tags=(),
            updated=article.updated_at,
        )
        for article in rows[offset : offset + limit]
    )
    return Answer(query.raw[:200], len(rows), hits, problem=problem)


def suggest(user: User | None, text: str, *, limit: int = 8) -> list[Offer]:
    """Titles and headings for what is being typed; empty while there is no index."""
    spaces = library.readable_space_ids(user)
    text = text.strip()[:100]
    if not text or not spaces:
        return []
    allowed = frozenset(str(space) for space in spaces)
    try:
        offers = engine().suggest(text, limit=limit * 2, spaces=allowed)
    except IndexUnavailable:
        return []
    rows = _rows(user, [int(offer.id) for offer in offers])
    found = []
    for offer in offers:
        row = rows.get(int(offer.id))
        if row is not None:
            url = library.article_url(row.kind, row.slug)
            found.append(
                Offer(offer.text, f"{url}#{offer.anchor}" if offer.anchor else url, row.kind)
            )
    return found[:limit]
