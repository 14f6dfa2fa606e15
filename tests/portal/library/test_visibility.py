"""Who sees what, from a table: every role, open or closed portal, space, state of the article."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import OrgUnit, Role, User
from portal.db import db, write
from portal.library import service as library
from portal.library.models import Article, Space, SpaceReader
from portal.library.visibility import is_published, listed_for, may_edit, may_manage, visible_to

ROLES = [None, *Role]


def add_article(space: Space, *, published: bool, owner: User | None = None) -> Article:
    with write() as session:
        article = library.new_article(
            session, kind="faq", slug="x", space_id=space.id, owner_id=owner.id if owner else None
        )
        revision = library.add_revision(session, article, library.Words(title="题"), None)
        if published:
            library.publish_revision(session, article, revision)
    return article


def add_user(role: Role | None, name: str = "somebody") -> User | None:
    if role is None:
        return None
    with write() as session:
        user = User(name=name, role=role)
        session.add(user)
    return user


def expected(role: Role | None, open_: bool, public: bool, published: bool) -> bool:
    """The rule in words: visitors need an open portal and a public space; restricted spaces are
    for those granted, PMSO and administrators; drafts are for reviewers and above.
    """
    if role is None:
        return open_ and public and published
    reads_space = public or role in (Role.PMSO, Role.ADMIN)
    return reads_space and (published or role in (Role.REVIEWER, Role.PMSO, Role.ADMIN))


@pytest.mark.parametrize(
    ("role", "open_", "public", "published"),
    list(product(ROLES, [True, False], [True, False], [True, False])),
)
def test_table(
    make_app: Callable[..., Flask], role: Role | None, open_: bool, public: bool, published: bool
) -> None:
    app = make_app(anonymous_read=open_)
    with app.app_context():
        with write() as session:
            space = Space(slug="s", name="s", public=public)
            session.add(space)
        article = add_article(space, published=published)
        user = add_user(role)
        seen = db.session.scalar(select(Article.id).where(visible_to(user))) is not None
        assert seen == expected(role, open_, public, published)
        listed = db.session.scalar(select(Article.id).where(listed_for(user))) is not None
        assert listed == (published and expected(role, open_, public, True))
        reads_space = public or role in (Role.PMSO, Role.ADMIN)
        edits = reads_space and role in (Role.REVIEWER, Role.PMSO, Role.ADMIN)
        assert may_edit(user, article) == edits
        assert may_manage(user, article) == (role in (Role.PMSO, Role.ADMIN))


@pytest.mark.parametrize("role", list(Role))
def test_owner_sees_his_draft_and_authors_edit_it(app: Flask, role: Role) -> None:
    owner = add_user(role)
    assert owner is not None
    article = add_article(library.ensure_public_space(), published=False, owner=owner)
    assert db.session.scalar(select(Article.id).where(visible_to(owner))) == article.id
    assert may_edit(owner, article) == role.at_least(Role.AUTHOR)
    other = add_user(Role.AUTHOR, "other")
    assert db.session.scalar(select(Article.id).where(visible_to(other))) is None
    assert not may_edit(other, article)


def test_a_closed_account_sees_nothing(app: Flask) -> None:
    add_article(library.ensure_public_space(), published=True)
    user = add_user(Role.ADMIN)
    assert user is not None
    with write():
        user.active = False
    assert db.session.scalar(select(Article.id).where(visible_to(user))) is None


def test_grants_to_person_unit_and_role(app: Flask) -> None:
    with write() as session:
        division = OrgUnit(name="研发")
        team = OrgUnit(name="平台组", parent=division)
        elsewhere = OrgUnit(name="财务")
        session.add_all([division, team, elsewhere])
    with write() as session:
        inside = User(name="inside", org_unit_id=team.id)
        outside = User(name="outside", org_unit_id=elsewhere.id)
        reviewer = User(name="reviewer", role=Role.REVIEWER)
        session.add_all([inside, outside, reviewer])
    by_person, by_unit, by_role = (Space(slug=s, name=s, public=False) for s in "pur")
    with write() as session:
        by_person.readers.append(SpaceReader(user_id=outside.id))
        by_unit.readers.append(SpaceReader(org_unit_id=division.id))
        by_role.readers.append(SpaceReader(role=Role.AUTHOR))
        session.add_all([by_person, by_unit, by_role])
    public = library.ensure_public_space().id
    assert library.readable_space_ids(inside) == {public, by_unit.id}
    assert library.readable_space_ids(outside) == {public, by_person.id}
    assert library.readable_space_ids(reviewer) == {public, by_role.id}


def test_a_withdrawn_grant_counts_at_once(app: Flask) -> None:
    user = add_user(Role.READER)
    assert user is not None
    space = Space(slug="s", name="s", public=False)
    with write() as session:
        space.readers.append(SpaceReader(user_id=user.id))
        session.add(space)
    assert space.id in library.readable_space_ids(user)
    with write():
        space.readers.clear()
    assert space.id not in library.readable_space_ids(user)


def test_rights_read_inside_a_transaction_that_fails_are_forgotten(app: Flask) -> None:
    user = add_user(Role.READER)
    assert user is not None
    with write() as session:
        space = Space(slug="s", name="s", public=False)
        session.add(space)
    try:
        with write() as session:
            session.add(SpaceReader(space_id=space.id, user_id=user.id))
            session.flush()
            assert space.id in library.readable_space_ids(user)
            raise LookupError
    except LookupError:
        pass
    assert space.id not in library.readable_space_ids(user)


def test_archived_is_not_published(app: Flask) -> None:
    article = add_article(library.ensure_public_space(), published=True)
    pmso = add_user(Role.PMSO)
    assert pmso is not None
    library.archive(pmso, article.id)
    assert db.session.scalar(select(Article.id).where(is_published())) is None
