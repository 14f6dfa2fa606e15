"""Articles, spaces and people to try the library with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.accounts.models import Role, User
from portal.db import db, write
from portal.library import service as library
from portal.library.models import Article, Space, SpaceReader
from portal.library.words import Words


def picture(width: int = 3, height: int = 2, colour: tuple[int, int, int] = (180, 30, 20)) -> bytes:
    """A small PNG."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def space(app: Flask) -> Callable[..., Space]:
    """Add a space; keyword arguments for one grant (user_id, org_unit_id, role)."""

    def make(slug: str, *, public: bool = False, **grant: Any) -> Space:
        with write() as session:
            made = Space(slug=slug, name=slug, public=public)
            if grant:
                made.readers.append(SpaceReader(**grant))
            session.add(made)
        return made

    return make


@pytest.fixture
def put(app: Flask) -> Callable[..., Article]:
    """Add an article, published unless told otherwise."""

    def make(
        slug: str = "one",
        *,
        kind: str = "faq",
        body: str = "正文",
        published: bool = True,
        owner: User | None = None,
        space: Space | None = None,
        position: int = 0,
        **words: Any,
    ) -> Article:
        words.setdefault("title", f"题目 {slug}")
        space_id = space.id if space else library.ensure_public_space().id
        with write() as session:
            article = library.new_article(
                session,
                kind=kind,
                slug=slug,
                space_id=space_id,
                owner_id=owner.id if owner else None,
            )
            article.position = position
            revision = library.add_revision(
                session, article, Words(body=body, **words), owner.id if owner else None
            )
            if published:
                library.publish_revision(session, article, revision)
        return db.session.get_one(Article, article.id)

    return make


@pytest.fixture
def author(make_user: Callable[..., User]) -> User:
    """Somebody who writes."""
    return make_user("zhao", Role.AUTHOR)


@pytest.fixture
def reviewer(make_user: Callable[..., User]) -> User:
    """Somebody who may edit what others wrote."""
    return make_user("qian", Role.REVIEWER)
