"""The library as plugins see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.accounts.models import User
from portal.contributions import ArticleView, Viewer
from portal.db import db
from portal.library.kinds import article_url, kind_named
from portal.library.models import Article
from portal.library.visibility import is_published, listed_for
from portal.plugin_host.context import ArticleSummary


def user_of(viewer: Viewer) -> User | None:
    """The account behind a viewer; None for a visitor."""
    return db.session.get(User, viewer.id) if viewer.id is not None else None


class LibraryWindow:
    """Implements `portal.plugin_host.context.LibraryView` on the one visibility rule."""

    def newest(
        self,
        viewer: Viewer,
        *,
        limit: int = 5,
        kind: str | None = None,
        since: datetime | None = None,
    ) -> tuple[ArticleSummary, ...]:
        """Published articles, newest first."""
        query = self._listed(viewer, kind).order_by(Article.published_at.desc(), Article.id.desc())
        if since is not None:
            query = query.where(Article.published_at >= since)
        return tuple(_summary(row) for row in db.session.execute(query.limit(limit)))

    def nth(self, viewer: Viewer, number: int, *, kind: str | None = None) -> ArticleSummary | None:
        """The article at `number` modulo how many there are, in order of id."""
        query = self._listed(viewer, kind)
        total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        if not total:
            return None
        row = db.session.execute(query.order_by(Article.id).offset(number % total).limit(1)).first()
        return _summary(row) if row else None

    def counts(self, viewer: Viewer | None = None) -> Mapping[str, int]:
        """Kind → published articles. Without a viewer: all, for operators' commands."""
        shown = is_published() if viewer is None else listed_for(user_of(viewer))
        query = select(Article.kind, func.count()).where(shown).group_by(Article.kind)
        rows = db.session.execute(query.order_by(Article.kind))
        return {str(kind): int(number) for kind, number in rows}

    def _listed(self, viewer: Viewer, kind: str | None) -> Any:
        query = select(
            Article.id,
            Article.kind,
            Article.slug,
            Article.title,
            Article.summary,
            Article.published_at,
        ).where(listed_for(user_of(viewer)))
        return query.where(Article.kind == kind) if kind else query


def article_view(article_id: int) -> ArticleView | None:
    """What an event tells of an article; None when there is none."""
    article = db.session.get(Article, article_id)
    if article is None:
        return None
    return ArticleView(
        id=article.id,
        kind=article.kind,
        title=article.title,
        url=article_url(article.kind, article.slug),
        published=article.published_revision_id is not None and article.archived_at is None,
        summary=article.summary,
        updated=article.updated_at,
    )


def _summary(row: Any) -> ArticleSummary:
    return ArticleSummary(
        id=row.id,
        kind=row.kind,
        kind_label=kind_named(row.kind).label,
        title=row.title,
        url=article_url(row.kind, row.slug),
        summary=row.summary,
        published_at=row.published_at,
    )
