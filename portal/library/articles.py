"""An article's life apart from its words: found, created, moved, taken back, put away.

Functions that take a `session` are parts for callers that already hold ``write()`` (an import
makes hundreds of articles in one transaction); those that take a `user` check his rights and
commit by themselves.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from kb.problems import N_, Problem, ProblemError
from portal.accounts.models import Role, User
from portal.db import db, utcnow, write
from portal.library import media_uses, outbox
from portal.library.models import Article, OldSlug, Revision, RevisionState, Space, SpaceReader
from portal.library.visibility import may_edit, may_manage, readable_space_ids
from portal.library.words import check_slug

DEVELOPERS = "developers"
"""Slug of the space of the pages for plugin authors."""


class Missing(NotFound):
    """Not there, or not for this user: the same to him."""


def article_by_id(article_id: int) -> Article:
    """Raises Missing."""
    article = db.session.get(Article, article_id)
    if article is None:
        raise Missing
    return article


def editable(user: User | None, article_id: int) -> Article:
    """The article, for somebody who may edit it. Raises Missing."""
    article = article_by_id(article_id)
    if not may_edit(user, article):
        raise Missing
    return article


def locked(session: Session, article_id: int) -> Article:
    """The article as it is now, held until the transaction ends. Raises Missing."""
    article = session.get(Article, article_id, with_for_update=True, populate_existing=True)
    if article is None:
        raise Missing
    return article


def writable_spaces(user: User) -> list[Space]:
    """The spaces `user` may put articles into: those he may read."""
    query = select(Space).where(Space.id.in_(readable_space_ids(user)))
    return list(db.session.scalars(query.order_by(Space.public.desc(), Space.name)))


def is_reachable() -> bool:
    """True when the database answers and holds a library."""
    try:
        db.session.execute(select(Article.id).limit(1))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def space_named(slug: str) -> Space | None:
    """The space with this slug."""
    return db.session.scalar(select(Space).where(Space.slug == slug))


def ensure_public_space() -> Space:
    """The space that everyone may read, made when there is none."""
    query = select(Space).where(Space.public).order_by(Space.id).limit(1)
    space = db.session.scalar(query)
    if space is None:
        with write() as session:
            space = session.scalar(query)
            if space is None:
                space = Space(slug="public", name="公共", public=True)
                session.add(space)
    return space


def ensure_developer_space() -> Space:
    """The space of the pages for plugin authors, made when there is none.

    Everybody who is signed in may read it, unless an administrator has decided otherwise.
    """
    space = space_named(DEVELOPERS)
    if space is None:
        with write() as session:
            space = Space(slug=DEVELOPERS, name="插件开发", public=False)
            space.readers = [SpaceReader(role=Role.READER)]
            session.add(space)
    return space


def new_article(
    session: Session, *, kind: str, slug: str, space_id: int, owner_id: int | None
) -> Article:
    """An article without words yet; `add_revision` follows in the same transaction.

    Raises Invalid for an unusable slug, ProblemError JS-2006 for one that is taken.
    """
    check_slug(slug)
    _refuse_taken(session, kind, slug)
    article = Article(
        kind=kind, slug=slug, space_id=space_id, owner_id=owner_id, title="", head_number=0
    )
    session.add(article)
    session.flush()
    return article


def set_slug(session: Session, article: Article, slug: str) -> None:
    """Give the article a new address; the old one leads to it for ever.

    Raises Invalid and ProblemError JS-2006.
    """
    if slug == article.slug:
        return
    check_slug(slug)
    _refuse_taken(session, article.kind, slug, but=article.id)
    # It may go back to an address it had before.
    for own in session.scalars(
        select(OldSlug).where(OldSlug.kind == article.kind, OldSlug.slug == slug)
    ):
        session.delete(own)
    if article.published_at is not None:
        # An address that nobody has ever been given needs no redirect.
        session.add(OldSlug(kind=article.kind, slug=article.slug, article_id=article.id))
    article.slug = slug
    outbox.content_changed(session, article.id)


def _refuse_taken(session: Session, kind: str, slug: str, but: int | None = None) -> None:
    taken = session.scalar(select(Article.id).where(Article.kind == kind, Article.slug == slug))
    if taken is None:
        # Links to an old address must go on leading where they led.
        taken = session.scalar(
            select(OldSlug.article_id).where(OldSlug.kind == kind, OldSlug.slug == slug)
        )
    if taken is not None and taken != but:
        raise ProblemError(slug_taken(slug))


def slug_taken(slug: str) -> Problem:
    """JS-2006 for `slug`."""
    return Problem(
        "JS-2006",
        N_("网址名“%(slug)s”已经用过"),
        N_("换一个网址名，例如在后面加上“-2”"),
        params={"slug": slug},
    )


def settle(user: User, article_id: int, *, slug: str, space_id: int) -> None:
    """Give an article its address and its space. Raises Missing, Invalid, ProblemError JS-2006."""
    with write() as session:
        article = locked(session, article_id)
        if not may_edit(user, article):
            raise Missing
        if space_id != article.space_id:
            if space_id not in readable_space_ids(user):
                raise Missing
            article.space_id = space_id
            outbox.content_changed(session, article.id)
        set_slug(session, article, slug)


def unpublish(user: User, article_id: int) -> None:
    """Take the article back from its readers; its words stay as a draft. Raises Missing."""
    with write() as session:
        article = locked(session, article_id)
        if not may_manage(user, article):
            raise Missing
        take_back(session, article)


def take_back(session: Session, article: Article) -> None:
    """The published revision becomes a draft again, unless a newer draft stands."""
    if article.published_revision_id is None:
        return
    revision = session.get_one(Revision, article.published_revision_id)
    is_head = revision.number == article.head_number
    revision.state = RevisionState.DRAFT if is_head else RevisionState.SUPERSEDED
    article.published_revision_id = None
    media_uses.update(session, article)
    outbox.content_changed(session, article.id)


def archive(user: User, article_id: int, archived: bool = True) -> None:
    """Put the article away, or bring it back as it was. Raises Missing."""
    with write() as session:
        article = locked(session, article_id)
        if not may_manage(user, article):
            raise Missing
        article.archived_at = utcnow() if archived else None
        outbox.content_changed(session, article.id)
