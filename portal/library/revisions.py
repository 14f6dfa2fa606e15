"""The words of articles: saved as revisions, published, restored. Nothing saved is overwritten."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from kb.problems import N_, Problem, ProblemError
from portal.accounts.models import User
from portal.db import db, utcnow, write
from portal.library import media_uses, outbox, rendering
from portal.library.articles import Missing, editable, locked, new_article
from portal.library.kinds import kind_named, kinds
from portal.library.labels import series_named, tags_named
from portal.library.models import Article, Revision, RevisionState
from portal.library.visibility import (
    may_edit,
    may_publish,
    may_write,
    readable_space_ids,
)
from portal.library.words import Words, check, tidy


class Conflict(ProblemError):
    """Somebody has saved a newer revision than the one that was being edited (JS-5001)."""

    def __init__(self, article_id: int, base: int, newer: int, by: str) -> None:
        super().__init__(
            Problem(
                "JS-5001",
                N_("你编辑的时候，%(who)s已经保存了第 %(number)s 版"),
                N_("对照两份文字，在合并后的文字上继续，再保存一次；你写的都还在"),
                params={"who": by or "别人", "number": newer},
            )
        )
        self.article_id = article_id
        self.base = base
        self.newer = newer


def create(user: User, *, kind: str, slug: str, space_id: int, words: Words) -> Revision:
    """A new article with its first draft, owned by `user`.

    Raises Missing (no right, kind or space), Invalid, ProblemError JS-2003 and JS-2006.
    """
    if not may_write(user) or kind not in kinds() or space_id not in readable_space_ids(user):
        raise Missing
    words = tidy(words, kind_named(kind))
    check(words, kind_named(kind))
    with write() as session:
        article = new_article(session, kind=kind, slug=slug, space_id=space_id, owner_id=user.id)
        return add_revision(session, article, words, user.id)


def save_draft(user: User, article_id: int, base_number: int, words: Words) -> Revision:
    """The newest revision, with these words; the published one stays up.

    `base_number` is the revision the author started from. Words that are already the newest are
    not saved again. Raises Missing, Invalid, ProblemError JS-2003, and Conflict when somebody
    else has saved since.
    """
    kind = kind_named(editable(user, article_id).kind)
    words = tidy(words, kind)
    check(words, kind)
    with write() as session:
        article = locked(session, article_id)
        if not may_edit(user, article):
            raise Missing
        head = _numbered(session, article_id, article.head_number)
        if head is not None and words_of(head) == _without_note(words):
            return head
        if base_number != article.head_number:
            by = head.author.display_name or head.author.name if head and head.author else ""
            raise Conflict(article_id, base_number, article.head_number, by)
        return add_revision(session, article, words, user.id)


def add_revision(
    session: Session, article: Article, words: Words, author_id: int | None
) -> Revision:
    """Append a draft to an article held for writing. `words` are tidy and checked."""
    head = _numbered(session, article.id, article.head_number)
    if head is not None and head.state is RevisionState.DRAFT:
        head.state = RevisionState.SUPERSEDED
    revision = Revision(
        article_id=article.id,
        number=article.head_number + 1,
        title=words.title,
        summary=words.summary,
        body=words.body,
        tags=list(words.tags),
        series=words.series,
        series_order=words.series_order,
        fields=dict(words.fields),
        author_id=author_id,
        note=words.note,
    )
    session.add(revision)
    article.head_number = revision.number
    if article.published_revision_id is None:
        _follow(session, article, revision)
        article.updated_at = utcnow()
    media_uses.update(session, article)
    return revision


def publish(user: User, article_id: int, number: int) -> Article:
    """Show revision `number` to readers, who until now see the one before or none.

    Raises Missing, and Conflict when it is no longer the newest: what is published is what the
    publisher has read.
    """
    article = editable(user, article_id)
    if not may_publish(user, article):
        raise Missing
    chosen = revision_numbered(article_id, number)
    check(words_of(chosen), kind_named(article.kind))
    prepared = rendering.prepare(chosen.body)
    with write() as session:
        article = locked(session, article_id)
        if not may_publish(user, article):
            raise Missing
        revision = _numbered(session, article_id, number)
        if revision is None or number != article.head_number:
            raise Conflict(article_id, number, article.head_number, "")
        publish_revision(session, article, revision)
        rendering.keep(session, prepared)
    return article


def publish_revision(session: Session, article: Article, revision: Revision) -> None:
    """Make `revision` the one readers see. Call inside ``write()``."""
    session.flush()
    if article.published_revision_id not in (None, revision.id):
        before = session.get_one(Revision, article.published_revision_id)
        before.state = RevisionState.SUPERSEDED
    revision.state = RevisionState.PUBLISHED
    article.published_revision_id = revision.id
    article.published_at = article.published_at or utcnow()
    article.updated_at = utcnow()
    article.archived_at = None
    _follow(session, article, revision)
    media_uses.update(session, article)
    outbox.content_changed(session, article.id)


def _follow(session: Session, article: Article, revision: Revision) -> None:
    article.title, article.summary = revision.title, revision.summary
    article.tags = tags_named(session, revision.tags)
    article.series = series_named(session, revision.series) if revision.series else None
    article.series_order = revision.series_order


def restore(user: User, article_id: int, number: int) -> Revision:
    """An old revision's words as a new draft. Raises Missing, and Conflict on a race."""
    article = editable(user, article_id)
    base = article.head_number
    return save_draft(user, article_id, base, words_of(revision_numbered(article_id, number)))


def history(article_id: int) -> list[Revision]:
    """Every revision with its author, newest first; bodies are loaded when asked for."""
    query = (
        select(Revision)
        .where(Revision.article_id == article_id)
        .options(joinedload(Revision.author), defer(Revision.body))
        .order_by(Revision.number.desc())
    )
    return list(db.session.scalars(query))


def revision_numbered(article_id: int, number: int) -> Revision:
    """Raises Missing."""
    revision = _numbered(db.session(), article_id, number)
    if revision is None:
        raise Missing
    return revision


def _numbered(session: Session, article_id: int, number: int) -> Revision | None:
    return session.scalar(
        select(Revision).where(Revision.article_id == article_id, Revision.number == number)
    )


def words_of(revision: Revision) -> Words:
    """What was handed in, without the note on it."""
    return Words(
        title=revision.title,
        body=revision.body,
        summary=revision.summary,
        tags=tuple(revision.tags),
        series=revision.series,
        series_order=revision.series_order,
        fields=dict(revision.fields),
    )


def _without_note(words: Words) -> Words:
    return replace(words, note="")
