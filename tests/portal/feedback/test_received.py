"""What readers could not solve reaches those who can mend it, and nobody else."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.db import db
from portal.library import service as library


def publish(owner: User, slug: str) -> int:
    words = library.Words(title=f"标题 {slug}", body="正文")
    space = library.ensure_public_space().id
    revision = library.create(owner, kind="faq", slug=slug, space_id=space, words=words)
    library.publish(owner, revision.article_id, 1)
    return revision.article_id


def test_authors_see_their_own_and_reviewers_all(
    client: FlaskClient, login_as: Callable[..., FlaskClient]
) -> None:
    mine, other = login_as("author", "mine"), login_as("author", "other")
    owner = db.session.query(User).filter_by(name="mine").one()
    article = publish(owner, "x")
    form = {"solved": "0", "reason": "incomplete", "text": "少了<b>第三步</b>"}
    assert client.post(f"/feedback/{article}", data=form).status_code == 303
    seen = mine.get("/feedback/").text
    assert "少了&lt;b&gt;第三步&lt;/b&gt;" in seen and "缺步骤" in seen
    assert f"/editor/{article}" in seen
    assert "第三步" not in other.get("/feedback/").text
    assert "第三步" in login_as(Role.REVIEWER).get("/feedback/").text
    assert login_as("reader").get("/feedback/").status_code == 404
    assert client.get("/feedback/").status_code == 302
