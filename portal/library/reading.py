"""The reading page: an article with its place among the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, bindparam, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import User
from portal.contributions import CORE_KINDS, ContentKind
from portal.db import db
from portal.i18n import translate
from portal.library import rendering
from portal.library.caches import per_generation
from portal.library.kinds import article_url, kind_named, label
from portal.library.labels import series_url, tag_url
from portal.library.listing import cards, manual_tree, reading_order
from portal.library.models import Article, Feedback, OldSlug, Revision, article_tags
from portal.library.pages import ArticlePage, Card, Link, SeriesNav, TreeNode
from portal.library.trees import neighbours, nodes
from portal.library.visibility import listed_in, readable_space_ids, visible_to

RELATED = 5


@dataclass(frozen=True)
class Reading:
    """A reading page with what decides about rights on it."""

    page: ArticlePage
    owner_id: int | None
    space_id: int


@dataclass(frozen=True)
class Gone:
    """The article was here for these readers, and has been put away; `near` may help instead."""

    near: tuple[Card, ...]


@dataclass(frozen=True)
class Moved:
    """The article is now at `url`."""

    url: str


def read(user: User | None, kind: str, slug: str) -> Reading | Moved | Gone | None:
    """The page at an address: the published words, or for those who may look after it the newest
    draft; where it has moved to; that it is gone; or None when there is nothing here for `user`.
    """
    spaces = readable_space_ids(user)
    found = per_generation().get(
        ("page", spaces, kind, slug), lambda: _published(spaces, kind, slug)
    )
    if found is not None:
        return found
    here = (Article.kind == kind, Article.slug == slug)
    if user is not None:
        article = _load(visible_to(user), *here)
        if article is not None:
            return _reading(article, _newest(article), spaces)
    return _moved(user, kind, slug) or _gone(spaces, kind, slug)


def _gone(spaces: frozenset[int], kind: str, slug: str) -> Gone | None:
    """Only what these readers could once read: a draft that never was published is not there."""
    article = db.session.scalar(
        select(Article).where(
            Article.kind == kind,
            Article.slug == slug,
            Article.space_id.in_(sorted(spaces)),
            Article.published_at.is_not(None),
            Article.archived_at.is_not(None),
        )
    )
    return Gone(related(article, spaces)) if article else None


def _published(spaces: frozenset[int], kind: str, slug: str) -> Reading | None:
    article = _load(listed_in(spaces), Article.kind == kind, Article.slug == slug)
    if article is None or article.published is None:
        return None
    return _reading(article, article.published, spaces)


def _load(*where: ColumnElement[bool]) -> Article | None:
    return db.session.scalar(
        select(Article)
        .where(*where)
        .options(
            joinedload(Article.owner),
            joinedload(Article.space),
            joinedload(Article.series),
            joinedload(Article.published),
            selectinload(Article.tags),
        )
    )


def _newest(article: Article) -> Revision:
    if article.published is not None and article.archived_at is None:
        return article.published
    return db.session.scalars(
        select(Revision).where(
            Revision.article_id == article.id, Revision.number == article.head_number
        )
    ).one()


def _moved(user: User | None, kind: str, slug: str) -> Moved | None:
    query = (
        select(Article.kind, Article.slug)
        .join(OldSlug, OldSlug.article_id == Article.id)
        .where(OldSlug.kind == kind, OldSlug.slug == slug, visible_to(user))
    )
    row = db.session.execute(query).first()
    return Moved(article_url(row.kind, row.slug)) if row else None


def _reading(article: Article, revision: Revision, spaces: frozenset[int]) -> Reading:
    kind = kind_named(article.kind)
    rendered = rendering.render_revision(revision)
    is_draft = revision.id != article.published_revision_id or article.archived_at is not None
    series = _series(article, spaces)
    tree: tuple[TreeNode, ...] = ()
    previous, following = (series.previous, series.next) if series else (None, None)
    if kind.tree:
        tree = nodes(manual_tree(spaces, article.kind), article.slug)
        if series is None:
            previous, following = neighbours(reading_order(spaces, article.kind), article.slug)
    page = ArticlePage(
        id=article.id,
        kind=article.kind,
        kind_label=label(kind),
        kind_url=f"/{kind.prefix}/",
        mark=kind.mark,
        title=revision.title,
        summary=revision.summary,
        url=article_url(article.kind, article.slug),
        html=Markup(rendered.html),  # noqa: S704 - the renderer's last step is sanitising
        outline=rendered.outline,
        minutes=rendered.minutes,
        updated=revision.created_at if is_draft else article.updated_at,
        revision=revision.number,
        owner=(article.owner.display_name or article.owner.name) if article.owner else "",
        space=article.space.name,
        tags=tuple(Link(tag, tag_url(tag)) for tag in revision.tags),
        fields=dict(revision.fields),
        own_fields=_own_fields(kind, revision.fields),
        series=series,
        tree=tree,
        previous=previous,
        next=following,
        related=related(article, spaces),
        draft=is_draft,
        failed_extensions=rendered.failed_extensions,
    )
    return Reading(page, article.owner_id, article.space_id)


def _own_fields(kind: ContentKind, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the core's kinds add has a place of its own on the page; what plugins add is listed."""
    if kind in CORE_KINDS:
        return ()
    texts = (field for field in kind.fields if field.type != "figures")
    return tuple(
        (translate(field.label), str(values[field.name]))
        for field in texts
        if values.get(field.name)
    )


def _series(article: Article, spaces: frozenset[int]) -> SeriesNav | None:
    series = article.series
    if series is None:
        return None
    inside = cards(spaces, Article.series_id == series.id, order=(Article.series_order, Article.id))
    here = next((index for index, card in enumerate(inside) if card.id == article.id), None)
    if here is None:
        return None
    links = tuple(Link(card.title, card.url, card.id == article.id) for card in inside)
    return SeriesNav(
        title=series.title,
        url=series_url(series.slug),
        position=here + 1,
        total=len(links),
        items=links,
        previous=links[here - 1] if here else None,
        next=links[here + 1] if here + 1 < len(links) else None,
    )


def related(article: Article, spaces: frozenset[int], limit: int = RELATED) -> tuple[Card, ...]:
    """Articles that share most tags with this one, its own kind first among equals."""
    tags = select(article_tags.c.tag_id).where(article_tags.c.article_id == article.id)
    shared = func.count()
    near = (
        select(article_tags.c.article_id, shared.label("shared"))
        .where(article_tags.c.tag_id.in_(tags), article_tags.c.article_id != article.id)
        .group_by(article_tags.c.article_id)
        .subquery()
    )
    order = (near.c.shared.desc(), (Article.kind == article.kind).desc(), Article.id)
    ranks = {
        row.article_id: row.shared
        for row in db.session.execute(
            select(near.c.article_id, near.c.shared)
            .join(Article, Article.id == near.c.article_id)
            .where(listed_in(spaces))
            .order_by(*order)
            .limit(limit)
        )
    }
    if not ranks:
        return ()
    found = {card.id: card for card in cards(spaces, Article.id.in_(ranks))}
    return tuple(found[article_id] for article_id in ranks if article_id in found)


_MINE = case((Feedback.visitor == bindparam("visitor"), 1), else_=0)
_FEEDBACK = (
    # Built once: every page asks it, and building it takes longer than running it.
    select(Feedback.solved, func.count(), func.max(_MINE))
    .where(Feedback.article_id == bindparam("article"))
    .group_by(Feedback.solved)
)


def with_feedback(page: ArticlePage, visitor: str) -> tuple[ArticlePage, bool | None]:
    """The page with its counts of 解决了 and 没解决, and what `visitor` said (None: nothing)."""
    rows = db.session.execute(_FEEDBACK, {"article": page.id, "visitor": visitor}).all()
    solved = sum(number for yes, number, _mine in rows if yes)
    unsolved = sum(number for yes, number, _mine in rows if not yes)
    voted = next((bool(yes) for yes, _number, mine in rows if mine), None)
    return replace(page, solved=solved, unsolved=unsolved), voted


def article_for_api(user: User | None, article_id: int) -> dict[str, Any] | None:
    """A published article as the API gives it; None when there is none that `user` may read."""
    article = _load(listed_in(readable_space_ids(user)), Article.id == article_id)
    if article is None or article.published is None:
        return None
    revision = article.published
    rendered = rendering.render_revision(revision)
    return {
        "id": article.id,
        "kind": article.kind,
        "title": revision.title,
        "summary": revision.summary,
        "url": article_url(article.kind, article.slug),
        "html": rendered.html,
        "markdown": revision.body,
        "outline": [asdict(heading) for heading in rendered.outline],
        "tags": list(revision.tags),
        "fields": dict(revision.fields),
        "updated": article.updated_at.isoformat(),
        "revision": revision.number,
        "source": article.source_path,
    }
