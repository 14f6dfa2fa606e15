"""From the database to the index: draining the queue, rebuilding, finding drift.

The database is the truth. A queue row is written in the transaction of every change and deleted
only after the index has committed, so that a crash in between repeats work and loses none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import selectinload

from kb.problems import ProblemError
from kb.progress import Progress
from kb.search.model import IndexUnavailable, SearchDocument, fingerprint
from portal.db import db, write
from portal.library import service as library
from portal.library.models import Article, ContentChange
from portal.plugin_host import host
from portal.search.engine import engine, follow, index_is_followed
from portal.search.guarded import EngineUnavailable

BATCH = 100


def document_of(article: Article) -> SearchDocument:
    """What the index holds of a published article."""
    revision = article.published
    assert revision is not None
    fields = revision.fields
    rendered = library.render_revision(revision)
    facts = " ".join(str(fields.get(name) or "") for name in ("symptom", "cause", "remedy"))
    return SearchDocument(
        id=str(article.id),
        kind=article.kind,
        title=revision.title,
        sections=rendered.sections,
        summary=f"{revision.summary} {facts}".strip(),
        tags=tuple(revision.tags),
        code=str(fields.get("code") or ""),
        space=str(article.space_id),
        author=article.owner.name if article.owner else "",
        updated=article.updated_at,
    )


def _published(ids: Sequence[int]) -> list[Article]:
    query = (
        select(Article)
        .where(Article.id.in_(ids), library.is_published())
        .options(selectinload(Article.published), selectinload(Article.owner))
    )
    return list(db.session.scalars(query))


def pending() -> int:
    """How many changes wait to be indexed."""
    return db.session.scalar(select(func.count()).select_from(ContentChange)) or 0


def drain() -> int:
    """Index one batch of queued changes; gives how many articles were brought up to date.

    Raises IndexUnavailable.
    """
    rows = db.session.execute(
        select(ContentChange.id, ContentChange.article_id)
        .order_by(ContentChange.id)
        .limit(BATCH * 5)
    ).all()
    ids = list(dict.fromkeys(row.article_id for row in rows))[:BATCH]
    if not ids:
        db.session.rollback()
        return 0
    wanted = set(ids)
    done = [row.id for row in rows if row.article_id in wanted]
    documents = {article.id: document_of(article) for article in _published(ids)}
    db.session.rollback()
    with engine().writer() as writer:
        for article_id in ids:
            if article_id in documents:
                writer.add(documents[article_id])
            else:
                writer.delete(str(article_id))
    with write() as session:
        session.execute(delete(ContentChange).where(ContentChange.id.in_(done)))
    changed = [view for id in ids if (view := library.article_view(id)) is not None]
    host().content_changed(changed)
    return len(ids)


def catch_up() -> int:
    """Drain the whole queue, building the index first when there is none; gives the articles.

    Raises EngineUnavailable.
    """
    if not index_is_followed():
        return rebuild()
    try:
        engine().stats()
    except EngineUnavailable:
        raise
    except IndexUnavailable:
        return rebuild()
    total = 0
    while count := drain():
        total += count
    return total


def rebuild(progress: Progress | None = None) -> int:
    """Build the index anew beside the live one and swap; gives the number of articles.

    Changes made meanwhile stay queued and are indexed afterwards. Raises IndexUnavailable when
    another process is writing, EngineUnavailable.
    """
    newest = db.session.scalar(select(func.max(ContentChange.id))) or 0
    ids = list(
        db.session.scalars(select(Article.id).where(library.is_published()).order_by(Article.id))
    )

    def documents() -> Iterator[SearchDocument]:
        for start in range(0, len(ids), BATCH):
            for article in _published(ids[start : start + BATCH]):
                yield document_of(article)
            db.session.rollback()
            if progress:
                progress(min(start + BATCH, len(ids)), len(ids), "")

    count = engine().rebuild(documents())
    follow()
    with write() as session:
        session.execute(delete(ContentChange).where(ContentChange.id <= newest))
    return count


def drift() -> tuple[set[int], set[int]]:
    """(articles missing or outdated in the index, articles in it that should not be).

    Queued changes are not drift. Raises IndexUnavailable when a rebuild would help, ProblemError
    when there is no engine.
    """
    try:
        indexed = {int(id): mark for id, mark in engine().ids()}
    except EngineUnavailable as error:
        raise ProblemError(error.problem) from error
    queued = set(db.session.scalars(select(ContentChange.article_id)))
    ids = list(db.session.scalars(select(Article.id).where(library.is_published())))
    wanted: dict[int, str] = {}
    for start in range(0, len(ids), BATCH):
        for article in _published(ids[start : start + BATCH]):
            wanted[article.id] = fingerprint(document_of(article))
    stale = {id for id, mark in wanted.items() if indexed.get(id) != mark}
    return stale - queued, indexed.keys() - wanted.keys() - queued


def mend(article_ids: set[int]) -> None:
    """Queue these articles for indexing."""
    with write() as session:
        session.add_all(ContentChange(article_id=article_id) for article_id in article_ids)
