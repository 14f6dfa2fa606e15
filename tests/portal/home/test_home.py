"""The home page answers "what can I do here"."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Role
from portal.db import write
from portal.library import service as library


def test_an_empty_portal_says_what_belongs_here(
    client: FlaskClient, login_as: Callable[..., FlaskClient]
) -> None:
    page = client.get("/")
    assert page.status_code == 200 and "/editor/new" not in page.text
    for kind in library.kind_list():
        assert f'href="/{kind.prefix}/"' in page.text
    assert "/editor/new" in login_as(Role.AUTHOR).get("/").text


def test_what_is_there_is_shown(app: Flask, client: FlaskClient) -> None:
    space = library.ensure_public_space()
    with write() as session:
        for number in range(3):
            article = library.new_article(
                session, kind="tutorial", slug=f"t{number}", space_id=space.id, owner_id=None
            )
            words = library.Words(title=f"第 {number} 课", series="新员工上手", series_order=number)
            revision = library.add_revision(session, article, words, None)
            library.publish_revision(session, article, revision)
    text = client.get("/").text
    assert "新员工上手" in text and "第 2 课" in text and "/tutorials/t0" in text
