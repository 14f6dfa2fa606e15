"""Searching for a person: visibility, the page, suggestions, and an index that may be gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.db import db, write
from portal.library import service as library
from portal.library.models import ContentChange, Space, SpaceReader
from portal.search import service as search


@pytest.fixture
def author(make_user: Callable[..., User]) -> User:
    return make_user("author", Role.PMSO)


@pytest.fixture
def add(author: User) -> Callable[..., int]:
    """Publish an article; gives its id. The index is brought up to date."""

    def add(
        slug: str,
        title: str,
        body: str = "",
        kind: str = "faq",
        space: str = "public",
        **more: object,
    ) -> int:
        space_id = db.session.query(Space.id).filter_by(slug=space).scalar()
        words = library.Words(title=title, body=body, **more)  # type: ignore[arg-type]
        revision = library.create(author, kind=kind, slug=slug, space_id=space_id, words=words)
        library.publish(author, revision.article_id, revision.number)
        search.catch_up()
        return revision.article_id

    return add


@pytest.fixture
def closed_space(app: Flask) -> int:
    with write() as session:
        space = Space(slug="closed", name="研发", public=False)
        session.add(space)
    return space.id


def test_published_is_found_at_its_section(client: FlaskClient, add: Callable[..., int]) -> None:
    article = add("x", "里程碑怎么设", "开头。\n\n## 验收标准\n\n每个里程碑都要写明交付物。\n")
    answer = client.get("/api/v1/search?q=交付物").get_json()
    assert answer["total"] == 1
    hit = answer["hits"][0]
    assert (hit["id"], hit["kind"], hit["url"]) == (article, "faq", "/faq/x")
    assert (hit["anchor"], hit["heading"]) == ("验收标准", "验收标准")
    assert "<mark>交付物</mark>" in hit["snippet"]
    assert set(answer) == {
        "query",
        "total",
        "took_ms",
        "hits",
        "facets",
        "did_you_mean",
        "shortcut",
    }
    assert set(hit) == {
        "id",
        "kind",
        "title",
        "url",
        "anchor",
        "heading",
        "snippet",
        "score",
        "source",
    }


def test_drafts_and_taken_back_articles_are_not_found(
    client: FlaskClient, add: Callable[..., int], author: User
) -> None:
    article = add("x", "独一无二的标题")
    words = library.Words(title="独一无二的标题", body="草稿里的秘密词")
    library.save_draft(author, article, 1, words)
    search.catch_up()
    assert client.get("/api/v1/search?q=秘密词").get_json()["total"] == 0
    library.unpublish(author, article)
    # Before the index has caught up the database already says no.
    assert client.get("/api/v1/search?q=独一无二").get_json()["hits"] == []
    search.catch_up()
    assert client.get("/api/v1/search?q=独一无二").get_json()["total"] == 0


def test_closed_spaces_stay_closed(
    app: Flask,
    client: FlaskClient,
    add: Callable[..., int],
    closed_space: int,
    login_as: Callable[..., FlaskClient],
) -> None:
    add("secret", "机密流程手册", "只有研发能看", space="closed", tags=("机密标签",))
    reader = login_as("reader", "outsider")
    for browser in (client, reader):
        answer = browser.get("/api/v1/search?q=机密流程").get_json()
        assert (answer["total"], answer["hits"]) == (0, [])
        assert "机密" not in str(answer["facets"]) + str(answer["did_you_mean"])
        assert browser.get("/api/v1/suggest?q=机密").get_json() == {"suggestions": []}
        page = browser.get("/search?q=机密流程").text
        assert "机密流程手册" not in page and "机密标签" not in page
    insider = login_as("reader", "insider")
    with write() as session:
        user = session.query(User).filter_by(name="insider").one()
        session.add(SpaceReader(space_id=closed_space, user_id=user.id))
    assert insider.get("/api/v1/search?q=机密流程").get_json()["total"] == 1


def test_page_groups_by_kind_and_narrows(client: FlaskClient, add: Callable[..., int]) -> None:
    add("a", "甘特图是什么", "甘特图画出时间。")
    add("b", "甘特图画法", "一步一步画甘特图。", kind="tutorial")
    page = client.get("/search?q=甘特图").text
    assert "/faq/a" in page and "/tutorials/b" in page
    assert "kind=tutorial" in page
    narrowed = client.get("/search?q=甘特图&kind=tutorial").text
    assert "/tutorials/b" in narrowed and "/faq/a" not in narrowed


def test_nothing_found_offers_a_way_on(client: FlaskClient, add: Callable[..., int]) -> None:
    add("a", "甘特图是什么", "甘特图画出时间。")
    page = client.get("/search?q=量子色动力学")
    assert page.status_code == 200
    assert "/faq/a" in page.text


@pytest.mark.parametrize(
    "query",
    ["", " ", "a", "*" * 50, "a* b* c*", '"', "-", "((((((", "kind:", "\x00\x07", "😀", "繁體中文",
     "ｆｕｌｌ", "'; DROP TABLE articles; --", "%" * 40, "字" * 10_000, "AND OR NOT", "<script>"],
)  # fmt: skip
def test_any_text_is_answered(client: FlaskClient, add: Callable[..., int], query: str) -> None:
    add("a", "甘特图是什么")
    for path in ("/search", "/api/v1/search", "/api/v1/suggest"):
        answer = client.get(path, query_string={"q": query})
        assert answer.status_code == 200, (path, query)
        assert "<script>alert" not in answer.text


def test_numbers_that_are_none_are_refused_politely(client: FlaskClient) -> None:
    for bad in ("limit=x", "limit=-1", "limit=101", "offset=10001", "limit=٣"):
        answer = client.get(f"/api/v1/search?q=x&{bad}")
        assert answer.status_code == 400
        assert answer.get_json()["error"]["status"] == 400
    assert client.get("/search?q=x&page=-3").status_code == 200
    assert client.get("/search?q=x&page=99999999").status_code == 200


def test_suggestions_lead_to_pages(client: FlaskClient, add: Callable[..., int]) -> None:
    add("a", "甘特图是什么")
    offers = client.get("/api/v1/suggest?q=甘特").get_json()["suggestions"]
    assert offers[0] == {"text": "甘特图是什么", "url": "/faq/a", "kind": "faq"}


def _damage(app: Flask, how: str) -> None:
    index: Path = app.config["SETTINGS"].index_dir
    if how == "deleted":
        shutil.rmtree(index)
    else:
        for file in index.rglob("*"):
            if file.is_file():
                file.write_bytes(b"garbage" if how == "scribbled" else b"")


@pytest.mark.parametrize("how", ["deleted", "scribbled", "emptied"])
def test_a_damaged_index_gives_titles_and_mends_itself(
    make_app: Callable[..., Flask],
    app: Flask,
    add: Callable[..., int],
    how: str,
) -> None:
    add("a", "甘特图是什么", "画出时间的图。")
    _damage(app, how)
    other = make_app(anonymous_read=True)  # another process, with nothing open yet
    with other.app_context():
        client = other.test_client()
        page = client.get("/search?q=甘特图")
        assert page.status_code == 200
        assert "JS-1004" in page.text and "/faq/a" in page.text
        assert client.get("/api/v1/search?q=甘特图").get_json()["total"] == 1
        assert client.get("/healthz").get_json()["index"] == "down"
        search.catch_up()
        assert client.get("/healthz").get_json()["index"] == "ok"
        assert client.get("/api/v1/search?q=时间").get_json()["total"] == 1


def test_queue_rows_outlive_a_crash_before_the_index_commits(
    add: Callable[..., int], author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = add("a", "旧标题")
    library.save_draft(author, article, 1, library.Words(title="新标题", body="正文"))
    library.publish(author, article, 2)

    def crash() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(search.engine(), "writer", crash)
    with pytest.raises(KeyboardInterrupt):
        search.drain()
    monkeypatch.undo()
    assert db.session.query(ContentChange).count() > 0
    search.catch_up()
    assert search.search(None, "新标题").total == 1
    assert db.session.query(ContentChange).count() == 0


def test_drift_is_found_and_mended(add: Callable[..., int]) -> None:
    article = add("a", "甘特图是什么")
    assert search.drift() == (set(), set())
    with search.engine().writer() as writer:
        writer.delete(str(article))
    assert search.drift() == ({article}, set())
    search.mend({article})
    search.catch_up()
    assert search.drift() == (set(), set())


def test_a_rebuild_keeps_what_changes_meanwhile(add: Callable[..., int], author: User) -> None:
    article = add("a", "旧标题")
    library.save_draft(author, article, 1, library.Words(title="新标题", body="正文"))
    library.publish(author, article, 2)
    assert search.rebuild() == 1
    assert search.search(None, "新标题").total == 1
