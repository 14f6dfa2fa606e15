"""Who may see and do what: the one place that lists, pages, search, feeds and the API ask."""

from __future__ import annotations

from typing import Protocol

from flask import current_app
from sqlalchemy import ColumnElement, and_, false, or_, select

from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.db import db
from portal.library.caches import per_generation
from portal.library.models import Article, Space, SpaceReader


class Owned(Protocol):
    """What a decision about an article needs to know of it."""

    @property
    def owner_id(self) -> int | None:
        """Id of the owner."""

    @property
    def space_id(self) -> int:
        """Id of the space."""


def may_read_at_all(user: User | None) -> bool:
    """False only for a visitor where reading needs an account, and for a closed account."""
    if user is None:
        return bool(current_app.config["SETTINGS"].anonymous_read)
    return user.active


def readable_space_ids(user: User | None) -> frozenset[int]:
    """Ids of the spaces whose published articles `user` may read. Empty for nobody's eyes."""
    if not may_read_at_all(user):
        return frozenset()
    if user is None:
        key: tuple[object, ...] = ("spaces",)
    else:
        key = ("spaces", user.id, user.role, user.org_unit_id)
    return per_generation().get(key, lambda: _readable_space_ids(user))


def _readable_space_ids(user: User | None) -> frozenset[int]:
    ids = select(Space.id)
    if user is None:
        ids = ids.where(Space.public)
    elif not user.role.at_least(Role.PMSO):
        granted = or_(
            SpaceReader.user_id == user.id,
            SpaceReader.org_unit_id.in_(accounts.units_above(user.org_unit_id)),
            SpaceReader.role.in_([role for role in Role if user.role.at_least(role)]),
        )
        spaces = select(SpaceReader.space_id).where(granted)
        ids = ids.where(or_(Space.public, Space.id.in_(spaces)))
    return frozenset(db.session.scalars(ids))


def is_published() -> ColumnElement[bool]:
    """The article has a revision for readers and is not archived."""
    return and_(Article.published_revision_id.is_not(None), Article.archived_at.is_(None))


def listed_for(user: User | None) -> ColumnElement[bool]:
    """What lists, counts, search and feeds show to `user`: published, in a space he may read."""
    return listed_in(readable_space_ids(user))


def listed_in(space_ids: frozenset[int]) -> ColumnElement[bool]:
    """Published and in one of these spaces."""
    if not space_ids:
        return false()
    return and_(is_published(), Article.space_id.in_(sorted(space_ids)))


def visible_to(user: User | None) -> ColumnElement[bool]:
    """What `user` may open: what is listed for him, and what he may look after.

    Drafts and archived articles are open to their owner and, in spaces they may read, to
    reviewers and those above.
    """
    listed = listed_for(user)
    if user is None or not user.active:
        return listed
    own = Article.owner_id == user.id
    if user.role.at_least(Role.REVIEWER):
        spaces = readable_space_ids(user)
        return or_(listed, own, Article.space_id.in_(sorted(spaces)))
    return or_(listed, own)


def may_write(user: User | None) -> bool:
    """May `user` write articles at all?"""
    return user is not None and user.active and user.role.at_least(Role.AUTHOR)


def may_edit(user: User | None, article: Owned) -> bool:
    """Authors edit what they own; reviewers and above also what is in spaces they may read."""
    if user is None or not may_write(user):
        return False
    if article.owner_id == user.id:
        return True
    return user.role.at_least(Role.REVIEWER) and article.space_id in readable_space_ids(user)


def may_publish(user: User | None, article: Owned) -> bool:
    """For now whoever may edit may publish; review before publishing changes this one line."""
    return may_edit(user, article)


def may_manage(user: User | None, article: Owned) -> bool:
    """Take back, archive: PMSO and administrators."""
    return user is not None and user.role.at_least(Role.PMSO) and may_edit(user, article)
