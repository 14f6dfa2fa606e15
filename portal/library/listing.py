"""Lists of articles for readers: by kind, tag and series, newest and most read.

Everything here shows what is published in the spaces a reader may read, and is the same for all
who may read the same spaces; so it is kept per generation and set of spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, func, select

from portal.accounts.models import User
from portal.db import db, utcnow
from portal.library.caches import per_generation
from portal.library.kinds import about, article_url, kind_named, kinds, label
from portal.library.labels import series_url, tag_url
from portal.library.models import Article, PageView, Revision, Series, Tag, article_tags
from portal.library.pages import Card, Link, ListPage, SeriesCard, TreeNode
from portal.library.trees import Branch, Leaf, grow, nodes
from portal.library.visibility import listed_in, readable_space_ids

PAGE = 20
TAGS = 24
MOST_READ_DAYS = 30


def cards(
    spaces: frozenset[int],
    *where: ColumnElement[bool],
    order: Sequence[Any] = (),
    limit: int | None = None,
    offset: int = 0,
) -> tuple[Card, ...]:
    """Articles that readers of `spaces` may see, newest first unless `order` says otherwise."""
    query = _columns().where(listed_in(spaces), *where)
    query = query.order_by(*(order or (Article.published_at.desc(), Article.id.desc())))
    return tuple(card(row) for row in db.session.execute(query.limit(limit).offset(offset)))


def _columns() -> Select[Any]:
    return select(
        Article.id,
        Article.kind,
        Article.slug,
        Article.title,
        Article.summary,
        Article.updated_at,
        Revision.fields,
    ).outerjoin(Revision, Revision.id == Article.published_revision_id)


def card(row: Any, *, views: int = 0, draft: bool = False) -> Card:
    """A row of article columns as a card."""
    kind = kind_named(row.kind)
    return Card(
        id=row.id,
        kind=row.kind,
        kind_label=label(kind),
        mark=kind.mark,
        title=row.title,
        url=article_url(row.kind, row.slug),
        summary=row.summary,
        updated=row.updated_at,
        code=str((row.fields or {}).get("code", "")),
        views=views,
        draft=draft,
    )


def count(spaces: frozenset[int], *where: ColumnElement[bool]) -> int:
    """How many articles readers of `spaces` may see."""
    query = select(func.count()).select_from(Article).where(listed_in(spaces), *where)
    return db.session.scalar(query) or 0


def counts_by_kind(user: User | None) -> dict[str, int]:
    """Kind → number of articles `user` may read."""
    spaces = readable_space_ids(user)

    def make() -> dict[str, int]:
        query = (
            select(Article.kind, func.count().label("number"))
            .where(listed_in(spaces))
            .group_by(Article.kind)
        )
        return {row.kind: row.number for row in db.session.execute(query)}

    return per_generation().get(("counts", spaces), make)


def newest_cards(user: User | None, limit: int = 8) -> tuple[Card, ...]:
    """The articles whose words readers saw change last."""
    spaces = readable_space_ids(user)
    order = (Article.updated_at.desc(), Article.id.desc())
    return per_generation().get(
        ("newest", spaces, limit), lambda: cards(spaces, order=order, limit=limit)
    )


def most_read(user: User | None, limit: int = 8) -> tuple[Card, ...]:
    """The articles opened most often in the last 30 days, with how often."""
    spaces = readable_space_ids(user)
    since = utcnow().date() - timedelta(days=MOST_READ_DAYS)
    total = func.sum(PageView.views)
    query = (
        _columns()
        .add_columns(total.label("views"))
        .join(PageView, PageView.article_id == Article.id)
        .where(listed_in(spaces), PageView.day >= since)
        .group_by(Article.id, Revision.id)
        .order_by(total.desc(), Article.id)
        .limit(limit)
    )
    return tuple(card(row, views=int(row.views)) for row in db.session.execute(query))


def kind_page(user: User | None, kind: str, *, page: int = 1, tag: str = "") -> ListPage:
    """The list of a kind, perhaps narrowed to a tag. A page beyond the last is the last."""
    wanted = kinds()[kind]
    spaces = readable_space_ids(user)
    url = f"/{wanted.prefix}/"
    return _list_page(
        ListHead(label(wanted), about(wanted), url, kind, wanted.mark),
        spaces,
        [Article.kind == kind],
        page=page,
        tag=tag,
        tree=nodes(manual_tree(spaces, kind)) if wanted.tree else (),
    )


def tag_page(user: User | None, name: str, *, page: int = 1) -> ListPage | None:
    """The articles with a tag; None when there are none that `user` may read."""
    spaces = readable_space_ids(user)
    head = ListHead(name, "", tag_url(name), "", "")
    found = _list_page(head, spaces, [_has_tag(name)], page=page)
    return found if found.total else None


@dataclass(frozen=True)
class ListHead:
    """What a list is of."""

    title: str
    description: str
    url: str
    kind: str
    mark: str


def _list_page(
    head: ListHead,
    spaces: frozenset[int],
    where: list[ColumnElement[bool]],
    *,
    page: int,
    tag: str = "",
    tree: tuple[TreeNode, ...] = (),
) -> ListPage:
    narrowed = [*where, _has_tag(tag)] if tag else where

    def make() -> ListPage:
        total = count(spaces, *narrowed)
        pages = max(1, -(-total // PAGE))
        number = min(max(1, page), pages)
        order = (Article.position, Article.published_at.desc(), Article.id.desc())
        return ListPage(
            title=head.title,
            description=head.description,
            cards=cards(spaces, *narrowed, order=order, limit=PAGE, offset=(number - 1) * PAGE),
            total=total,
            page=number,
            pages=pages,
            url=f"{head.url}?tag={quote(tag)}" if tag else head.url,
            kind=head.kind,
            mark=head.mark,
            tags=_tags(spaces, where, head.url, tag) if head.kind else (),
            series=series_cards(spaces, *where) if head.kind and not tag else (),
            tree=tree,
        )

    # A page number from an address is anybody's to choose: only plausible ones are kept.
    if not 1 <= page <= 1000 or len(tag) > 40:
        return make()
    return per_generation().get(("list", head.url, spaces, page, tag), make)


def _has_tag(name: str) -> ColumnElement[bool]:
    tagged = select(article_tags.c.article_id).join(Tag, Tag.id == article_tags.c.tag_id)
    return Article.id.in_(tagged.where(Tag.name == name))


def _tags(
    spaces: frozenset[int], where: list[ColumnElement[bool]], url: str, current: str
) -> tuple[Link, ...]:

    number = func.count()
    query = (
        select(Tag.name)
        .join(article_tags, article_tags.c.tag_id == Tag.id)
        .join(Article, Article.id == article_tags.c.article_id)
        .where(listed_in(spaces), *where)
        .group_by(Tag.name)
        .order_by(number.desc(), Tag.name)
        .limit(TAGS)
    )
    return tuple(
        Link(name, url if name == current else f"{url}?tag={quote(name)}", name == current)
        for name in db.session.scalars(query)
    )


def series_cards(spaces: frozenset[int], *where: ColumnElement[bool]) -> tuple[SeriesCard, ...]:
    """Every series with the articles of it that readers of `spaces` may see, in order."""
    query = (
        select(Series.slug, Series.title, Series.description)
        .add_columns(Article.kind, Article.slug.label("article"), Article.title.label("name"))
        .join(Article, Article.series_id == Series.id)
        .where(listed_in(spaces), *where)
        .order_by(Series.title, Article.series_order, Article.id)
    )
    found: dict[str, tuple[str, str, list[Link]]] = {}
    for row in db.session.execute(query):
        _title, _text, links = found.setdefault(row.slug, (row.title, row.description, []))
        links.append(Link(row.name, article_url(row.kind, row.article)))
    return tuple(
        SeriesCard(title, series_url(slug), text, tuple(links))
        for slug, (title, text, links) in found.items()
    )


def all_series(user: User | None) -> tuple[SeriesCard, ...]:
    """Every series that `user` can read something of."""
    spaces = readable_space_ids(user)
    return per_generation().get(("series", spaces), lambda: series_cards(spaces))


def series_page(user: User | None, slug: str) -> tuple[SeriesCard, tuple[Card, ...]] | None:
    """A series and its articles in order; None when `user` can read none of it."""
    spaces = readable_space_ids(user)
    series = db.session.scalar(select(Series).where(Series.slug == slug))
    if series is None:
        return None
    inside = Article.series_id == series.id
    found = cards(spaces, inside, order=(Article.series_order, Article.id))
    if not found:
        return None
    links = tuple(Link(item.title, item.url) for item in found)
    return SeriesCard(series.title, series_url(series.slug), series.description, links), found


def manual_tree(spaces: frozenset[int], kind: str) -> Branch:
    """The tree of a kind whose slugs form one."""

    def make() -> Branch:
        query = select(Article.slug, Article.title, Article.position)
        rows = db.session.execute(query.where(listed_in(spaces), Article.kind == kind))
        return grow(Leaf(r.slug, r.title, article_url(kind, r.slug), r.position) for r in rows)

    return per_generation().get(("tree", spaces, kind), make)


def reading_order(spaces: frozenset[int], kind: str) -> list[Leaf]:
    """Every page of such a kind, in the order of its tree."""
    tree = manual_tree(spaces, kind)
    return per_generation().get(("order", spaces, kind), lambda: list(tree.walk()))
