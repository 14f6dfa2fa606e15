"""What the editor page does: one submission is one transaction, and no typed word is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from kb.document import Rendered
from kb.problems import N_, Problem
from kb.slugs import slugify
from portal.accounts.models import User
from portal.db import db, write
from portal.library import revisions
from portal.library.articles import settle
from portal.library.diffing import Line, compare, merge
from portal.library.kinds import kind_named, label
from portal.library.models import Article, OldSlug, Revision, RevisionState
from portal.library.pages import Card
from portal.library.rendering import prepare
from portal.library.visibility import may_edit, visible_to
from portal.library.words import Invalid, Words, check_size


def create(user: User, *, kind: str, slug: str, space_id: int, words: Words) -> Revision:
    """A new article; without a slug it gets one from its title. Raises as `revisions.create`."""
    with write() as session:
        chosen = slug or free_slug(session, kind, words.title)
        return revisions.create(user, kind=kind, slug=chosen, space_id=space_id, words=words)


def save(
    user: User, article_id: int, base: int, *, slug: str, space_id: int, words: Words
) -> Revision:
    """Words, address and space together, or none of them. Raises as `revisions.save_draft`."""
    with write():
        revision = revisions.save_draft(user, article_id, base, words)
        settle(user, article_id, slug=slug, space_id=space_id)
        return revision


def free_slug(session: Session, kind: str, title: str) -> str:
    """An unused slug made from `title`. Raises Invalid when the title has nothing to make it of."""
    base = slugify(title)
    if not base:
        message = N_("请填写网址名，例如 how-to-plan") if title.strip() else N_("请填写标题")
        raise Invalid({"slug" if title.strip() else "title": Problem("", message, "")})
    taken = set(
        session.scalars(
            select(Article.slug).where(Article.kind == kind, Article.slug.startswith(base))
        )
    ) | set(
        session.scalars(
            select(OldSlug.slug).where(OldSlug.kind == kind, OldSlug.slug.startswith(base))
        )
    )
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def preview(body: str) -> Rendered:
    """What readers would see of `body`. Raises ProblemError JS-2003."""
    body = body.replace("\r\n", "\n")
    check_size(body)
    return prepare(body).rendered


@dataclass(frozen=True)
class Clash:
    """Two authors' words side by side, and one text made of both."""

    newer: int
    by: str
    their_changes: tuple[Line, ...]
    my_changes: tuple[Line, ...]
    """What each of us has done to the text both started from."""
    theirs: Words
    mine: Words
    merged: Words
    contradictions: int


def clash(article_id: int, base: int, mine: Words) -> Clash:
    """What to show when somebody else has saved first. Raises Missing."""
    newest = db.session.scalar(
        select(func.max(Revision.number)).where(Revision.article_id == article_id)
    )
    newer = revisions.revision_numbered(article_id, newest or 0)
    theirs = revisions.words_of(newer)
    start = db.session.scalar(
        select(Revision).where(Revision.article_id == article_id, Revision.number == base)
    )
    common = revisions.words_of(start) if start else Words(title="")
    body, contradictions = merge(common.body, mine.body, theirs.body)
    merged = replace(mine, body=body)
    for name in ("title", "summary", "tags", "series", "series_order", "fields"):
        if getattr(mine, name) == getattr(common, name):
            # I did not touch it, so the other's change stands.
            merged = replace(merged, **{name: getattr(theirs, name)})
    return Clash(
        newer=newer.number,
        by=(newer.author.display_name or newer.author.name) if newer.author else "",
        their_changes=tuple(compare(common.body, theirs.body)),
        my_changes=tuple(compare(common.body, mine.body)),
        theirs=theirs,
        mine=mine,
        merged=merged,
        contradictions=contradictions,
    )


@dataclass(frozen=True)
class Desk:
    """What an author finds on his desk."""

    drafts: tuple[Card, ...]
    """His own articles with words that readers do not see yet."""
    articles: tuple[Card, ...]
    """Everything else he owns."""
    others: tuple[Card, ...]
    """Other people's drafts that he may edit."""


def desk(user: User) -> Desk:
    """The desk of `user`."""
    own = Article.owner_id == user.id
    others = [
        article
        for article in _articles(visible_to(user), ~own | Article.owner_id.is_(None), _has_draft())
        if may_edit(user, article)
    ]
    return Desk(
        drafts=_cards(_articles(own, _has_draft())),
        articles=_cards(_articles(own, ~_has_draft())),
        others=_cards(others),
    )


def _has_draft() -> Any:
    head = select(Revision.id).where(
        Revision.article_id == Article.id,
        Revision.number == Article.head_number,
        Revision.state == RevisionState.DRAFT,
    )
    return head.exists()


def _articles(*where: Any) -> list[Article]:
    query = select(Article).where(*where).options(joinedload(Article.owner))
    return list(db.session.scalars(query.order_by(Article.updated_at.desc()).limit(200)))


def _cards(articles: list[Article]) -> tuple[Card, ...]:
    return tuple(
        Card(
            id=article.id,
            kind=article.kind,
            kind_label=label(kind_named(article.kind)),
            mark=kind_named(article.kind).mark,
            title=article.title,
            url=f"/editor/{article.id}",
            summary=article.summary,
            updated=article.updated_at,
            draft=article.published_revision_id is None,
        )
        for article in articles
    )
