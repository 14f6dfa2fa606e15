"""What a reader wrote reaches whoever looks after the article."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.db import write
from portal.feedback import service as feedback
from portal.library import service as library
from portal.notifications import service as notifications


@pytest.fixture
def owner(make_user: Callable[..., User]) -> User:
    """Somebody with one published article, number 1."""
    user = make_user("author", Role.AUTHOR)
    with write() as session:
        article = library.new_article(
            session,
            kind="faq",
            slug="工时",
            space_id=library.ensure_public_space().id,
            owner_id=user.id,
        )
        revision = library.add_revision(
            session, article, library.Words(title="怎样报工时"), user.id
        )
        library.publish_revision(session, article, revision)
    return user


def test_words_reach_the_owner_clicks_alone_do_not(client: FlaskClient, owner: User) -> None:
    client.post("/feedback/1", data={"solved": "0"})
    client.post("/feedback/1", data={"solved": "1", "text": "谢谢"})
    assert notifications.mine(owner) == []
    said = {"solved": "0", "reason": "incomplete", "text": "少了第三步"}
    client.post("/feedback/1", data=said)
    client.post("/feedback/1", data=said)
    notice = notifications.mine(owner)[0]
    assert notifications.unread(owner) == 1
    assert notice.subject == "《怎样报工时》有读者没解决问题"
    assert notice.body == "缺步骤：少了第三步"
    assert client.get(notice.url).status_code == 200
    client.post("/feedback/1", data={**said, "text": "第四步也少了"})
    assert notifications.unread(owner) == 2


def test_one_is_not_told_of_ones_own_words(owner: User) -> None:
    feedback.say(owner, 1, "user:1", solved=False, text="自己记一笔")
    assert notifications.mine(owner) == []
