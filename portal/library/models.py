"""What is kept in the library: spaces, articles with their revisions, series, tags and media."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Enum,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import OrgUnit, Role, User, role_column
from portal.db import Base, utcnow


class Space(Base):
    """A shelf with its own readers. A public space is open to everyone who may read at all."""

    __tablename__ = "spaces"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(300), default="")
    public: Mapped[bool] = mapped_column(default=True)

    readers: Mapped[list[SpaceReader]] = relationship(
        back_populates="space", cascade="all, delete-orphan"
    )


class SpaceReader(Base):
    """One grant to read a space: to a person, to an org unit with those below it, or to a role."""

    __tablename__ = "space_readers"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN user_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN org_unit_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN role IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_grantee",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    org_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id", ondelete="CASCADE"))
    role: Mapped[Role | None] = mapped_column(role_column())

    space: Mapped[Space] = relationship(back_populates="readers")
    user: Mapped[User | None] = relationship()
    org_unit: Mapped[OrgUnit | None] = relationship()


class Series(Base):
    """Articles meant to be read in order."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(120), unique=True)
    description: Mapped[str] = mapped_column(String(300), default="")


article_tags = Table(
    "article_tags",
    Base.metadata,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Tag(Base):
    """A label; `name` is what readers see."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class Article(Base):
    """One article for life. What readers see is its published revision, or nothing.

    `title`, `summary`, tags and series follow the published revision (the newest one while nothing
    is published), so that lists need no join.
    """

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("kind", "slug"),
        UniqueConstraint("source_collection", "source_path"),
        Index("ix_articles_listing", "kind", "space_id", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    slug: Mapped[str] = mapped_column(String(200))
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(400), default="")
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    series_order: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    """Order among siblings in a manual's tree."""
    published_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("revisions.id", use_alter=True, name="fk_articles_published_revision")
    )
    head_number: Mapped[int] = mapped_column(default=0)
    """Number of the newest revision: the version check of optimistic locking."""
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    archived_at: Mapped[datetime | None]
    source_collection: Mapped[str | None] = mapped_column(String(400))
    source_path: Mapped[str | None] = mapped_column(String(400))
    source_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of what was last imported: an unchanged file is left alone."""
    source_number: Mapped[int | None]
    """Number of the revision the last import made: a newer head means somebody edited it here."""

    space: Mapped[Space] = relationship()
    owner: Mapped[User | None] = relationship()
    series: Mapped[Series | None] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=article_tags, order_by=Tag.name)
    published: Mapped[Revision | None] = relationship(
        foreign_keys=[published_revision_id], post_update=True
    )
    revisions: Mapped[list[Revision]] = relationship(
        back_populates="article",
        foreign_keys="Revision.article_id",
        order_by="Revision.number",
        cascade="all, delete-orphan",
    )


class RevisionState(enum.StrEnum):
    """Where a revision stands. Review states join in the publishing room's own issue."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Revision(Base):
    """A version of an article's words. Never changed once a newer one exists."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[RevisionState] = mapped_column(
        Enum(
            RevisionState,
            native_enum=False,
            length=16,
            values_callable=lambda states: [state.value for state in states],
            name="revision_state",
        ),
        default=RevisionState.DRAFT,
    )
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(400), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    series: Mapped[str] = mapped_column(String(120), default="")
    series_order: Mapped[int] = mapped_column(default=0)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the kind asks for beyond title and body: code, symptom, figures, …"""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    article: Mapped[Article] = relationship(back_populates="revisions", foreign_keys=[article_id])
    author: Mapped[User | None] = relationship()


class OldSlug(Base):
    """An address an article once had; it redirects for ever."""

    __tablename__ = "old_slugs"
    __table_args__ = (UniqueConstraint("kind", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    slug: Mapped[str] = mapped_column(String(200))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))

    article: Mapped[Article] = relationship()


class Media(Base):
    """A picture, video or file, stored once by content hash under the home's media folder."""

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class MediaUse(Base):
    """Which article shows which medium: who may see the article may fetch the medium."""

    __tablename__ = "media_uses"

    media_id: Mapped[int] = mapped_column(
        ForeignKey("media.id", ondelete="CASCADE"), primary_key=True
    )
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Rendering(Base):
    """A rendered body by content: key = hash of body and renderer fingerprint. A cache only."""

    __tablename__ = "renderings"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)


class ContentChange(Base):
    """The index queue: written in the transaction of the change, drained by the worker."""

    __tablename__ = "content_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class PageView(Base):
    """Readings of an article on one day (UTC)."""

    __tablename__ = "page_views"

    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(default=0)


class Feedback(Base):
    """「解决了 / 没解决」: one row per visitor and article; a later click replaces the earlier."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("article_id", "visitor"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    visitor: Mapped[str] = mapped_column(String(64))
    """``user:ID``, or a random id from a cookie: enough to count a person once, no more."""
    solved: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
