"""The author's pages, without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Role, User
from portal.db import db
from portal.library import service as library
from portal.library.models import Article, Space
from tests.portal.library.conftest import picture

Put = Callable[..., Article]
Login = Callable[..., FlaskClient]


def user_named(name: str) -> User:
    return db.session.scalars(select(User).where(User.name == name)).one()


def head_number(article: Article) -> int:
    """The newest revision's number, as it is in the database now."""
    db.session.rollback()
    return library.article_by_id(article.id).head_number


def typed(**fields: str) -> dict[str, str]:
    return {"kind": "faq", "title": "任务怎么拆", "body": "先写结论。", "action": "save"} | fields


@pytest.mark.parametrize("role", [None, Role.READER])
def test_editor_is_for_authors(client: FlaskClient, put: Put, login_as: Login, role: Role) -> None:
    article = put("x")
    browser = login_as(role) if role else client
    wanted = 404 if role else 302
    gets = ["new", f"{article.id}", f"{article.id}/history", f"{article.id}/compare", "999"]
    for tail in [*gets, f"{article.id}/revisions/1"]:
        assert browser.get(f"/editor/{tail}").status_code == wanted
    posts = ["new", "preview", "media", f"{article.id}", f"{article.id}/unpublish"]
    for tail in [*posts, f"{article.id}/archive", f"{article.id}/revisions/1/restore"]:
        assert browser.post(f"/editor/{tail}", data=typed()).status_code == wanted
    assert browser.get("/desk").status_code == wanted


def test_other_authors_articles_are_not_there(put: Put, login_as: Login) -> None:
    article = put("x")
    browser = login_as(Role.AUTHOR)
    for tail in ("", "/history", "/compare", "/revisions/1"):
        assert browser.get(f"/editor/{article.id}{tail}").status_code == 404
    assert browser.post(f"/editor/{article.id}", data=typed()).status_code == 404
    assert login_as(Role.REVIEWER).get(f"/editor/{article.id}").status_code == 200


def test_write_save_publish(client: FlaskClient, login_as: Login) -> None:
    browser = login_as(Role.AUTHOR, "sun")
    assert "常见问题" in browser.get("/editor/new").text
    answer = browser.post(
        "/editor/new",
        data=typed(
            tags="计划，评审", series="新员工上手", series_order="2", slug="split", note="初稿"
        ),
    )
    assert answer.status_code == 303
    article = db.session.scalars(select(Article)).one()
    assert answer.headers["Location"] == f"/editor/{article.id}"
    assert client.get("/faq/split").status_code == 404
    page = browser.get(f"/editor/{article.id}").text
    assert "计划，评审" in page and "先写结论。" in page and "第 1 版" in page
    answer = browser.post(
        f"/editor/{article.id}", data=typed(body="改过。", base="1", slug="split", action="publish")
    )
    assert answer.headers["Location"] == "/faq/split"
    assert "改过。" in client.get("/faq/split").text
    history = browser.get(f"/editor/{article.id}/history").text
    assert "初稿" in history and "已发布" in history
    compared = browser.get(f"/editor/{article.id}/compare?a=1&b=2").text
    assert "<del>" in compared and "<ins>" in compared
    assert "先写结论。" in browser.get(f"/editor/{article.id}/revisions/1").text
    restored = browser.post(f"/editor/{article.id}/revisions/1/restore")
    assert restored.status_code == 303
    assert head_number(article) == 3
    desk = browser.get("/desk").text
    assert "没发布的改动" in desk and "任务怎么拆" in desk


def test_every_kind_has_an_editor(app: Flask, login_as: Login) -> None:
    browser = login_as(Role.AUTHOR)
    for name, kind in library.kinds().items():
        page = browser.get(f"/editor/new?kind={name}")
        assert page.status_code == 200
        for field in kind.fields:
            assert f'name="f_{field.name}"' in page.text
    assert browser.get("/editor/new?kind=nonsense").status_code == 404


def test_fields_of_a_kind_are_saved(client: FlaskClient, login_as: Login) -> None:
    browser = login_as(Role.AUTHOR)
    browser.post(
        "/editor/new",
        data=typed(
            kind="case",
            slug="wip",
            action="publish",
            f_industry="制造",
            f_figures="平均周期 | 31 | 11 | 天 | lower",
        ),
    )
    text = client.get("/cases/wip").text
    assert "平均周期" in text and "制造" in text
    article = db.session.scalars(select(Article)).one()
    assert "平均周期 | 31 | 11 | 天 | lower" in browser.get(f"/editor/{article.id}").text


@pytest.mark.parametrize(
    ("wrong", "status", "word"),
    [
        ({"title": " "}, 422, "请填写标题"),
        ({"title": "题" * 300}, 422, "标题有 300 个字"),
        ({"slug": "no spaces"}, 422, "网址名只能用"),
        ({"slug": "taken"}, 422, "已经用过"),
        ({"tags": "，".join(str(n) for n in range(30))}, 422, "标签最多"),
        ({"series_order": "第三"}, 422, "序号请填"),
        ({"body": "长" * 400_000}, 413, "超过了"),
        ({"kind": "case", "f_figures": "周期 | 三 | 1"}, 422, "第 1 行"),
    ],
)
def test_bad_input_keeps_what_was_typed(
    app: Flask, login_as: Login, put: Put, wrong: dict[str, str], status: int, word: str
) -> None:
    put("taken")
    browser = login_as(Role.AUTHOR)
    sent = typed(summary="我写的摘要", f_industry="制造业", note="我的说明", slug="mine") | wrong
    answer = browser.post("/editor/new", data=sent)
    assert answer.status_code == status
    assert word in answer.text
    for value in ("我写的摘要", "我的说明", sent["body"][:2000], sent["slug"]):
        assert value in answer.text
    assert db.session.scalars(select(Article.slug)).all() == ["taken"]


def test_two_editors_meet(app: Flask, login_as: Login) -> None:
    one, two = login_as(Role.AUTHOR, "sun"), login_as(Role.REVIEWER, "li")
    one.post("/editor/new", data=typed(body="甲\n\n乙\n\n丙", slug="x"))
    article = db.session.scalars(select(Article)).one()
    saved = two.post(f"/editor/{article.id}", data=typed(body="甲\n\n乙\n\n丁", base="1", slug="x"))
    assert saved.status_code == 303
    answer = one.post(
        f"/editor/{article.id}",
        data=typed(body="子\n\n乙\n\n丙", title="我的题目", base="1", slug="x", note="我的说明"),
    )
    assert answer.status_code == 409
    assert "Li" in answer.text and "<del>" in answer.text
    assert "子\n\n乙\n\n丁</textarea>" in answer.text
    assert 'name="base" value="2"' in answer.text
    assert "我的题目" in answer.text and "我的说明" in answer.text
    assert "丙" in answer.text
    assert head_number(article) == 2
    merged = typed(body="子\n\n乙\n\n丁", title="我的题目", base="2", slug="x")
    assert one.post(f"/editor/{article.id}", data=merged).status_code == 303
    assert head_number(article) == 3


def test_preview_is_what_readers_get_and_saves_nothing(app: Flask, login_as: Login) -> None:
    browser = login_as(Role.AUTHOR)
    body = "## 标题\n\n<script>alert(1)</script>\n\n**要紧**"
    page = browser.post("/editor/new", data=typed(action="preview", body=body))
    assert page.status_code == 200
    assert "<strong>要紧</strong>" in page.text and "<script>alert" not in page.text
    live = browser.post("/editor/preview", data={"body": body})
    assert "<strong>要紧</strong>" in live.text and "<script>alert" not in live.text
    assert "<html" not in live.text
    assert browser.post("/editor/preview", data={"body": "长" * 400_000}).status_code == 413
    assert db.session.scalar(select(Article.id)) is None


def test_pictures_with_and_without_javascript(app: Flask, login_as: Login) -> None:
    browser = login_as(Role.AUTHOR)
    answer = browser.post("/editor/media", data={"file": (io.BytesIO(picture()), "图 一.png")})
    markdown = answer.get_json()["markdown"]
    assert markdown.startswith("![") and "/media/" in markdown
    assert browser.get(answer.get_json()["url"], buffered=True).status_code == 200
    refused = browser.post("/editor/media", data={"file": (io.BytesIO(b"nothing"), "x.png")})
    assert refused.status_code == 400
    assert refused.get_json()["error"]["code"] == "JS-2005"
    assert browser.post("/editor/media", data={}).status_code == 400
    page = browser.post(
        "/editor/new",
        data=typed(action="upload") | {"file": (io.BytesIO(picture()), "b.png")},
    )
    assert page.status_code == 200 and markdown.partition("](")[2] in page.text
    page = browser.post(
        "/editor/new", data=typed(action="upload") | {"file": (io.BytesIO(b"no"), "b.png")}
    )
    assert page.status_code == 422 and "先写结论。" in page.text


def test_moving_keeps_the_old_address(client: FlaskClient, login_as: Login) -> None:
    browser = login_as(Role.AUTHOR)
    browser.post("/editor/new", data=typed(slug="old", action="publish"))
    article = db.session.scalars(select(Article)).one()
    browser.post(f"/editor/{article.id}", data=typed(slug="new", base="1"))
    assert client.get("/faq/old").headers["Location"] == "/faq/new"


def test_taking_back_and_archiving(client: FlaskClient, put: Put, login_as: Login) -> None:
    article = put("x")
    pmso, reviewer = login_as(Role.PMSO), login_as(Role.REVIEWER)
    assert reviewer.post(f"/editor/{article.id}/unpublish").status_code == 404
    assert pmso.post(f"/editor/{article.id}/archive").status_code == 303
    assert client.get("/faq/x").status_code == 410
    pmso.post(f"/editor/{article.id}/archive", data={"archived": "0"})
    assert client.get("/faq/x").status_code == 200
    assert pmso.post(f"/editor/{article.id}/unpublish").status_code == 303
    assert client.get("/faq/x").status_code == 404


def test_spaces_one_may_not_read_cannot_be_written(
    put: Put, login_as: Login, space: Callable[..., Space]
) -> None:
    closed = space("closed")
    browser = login_as(Role.AUTHOR, "sun")
    assert "closed" not in browser.get("/editor/new").text
    answer = browser.post("/editor/new", data=typed(space=str(closed.id)))
    assert answer.status_code == 404
    mine = put("mine", owner=user_named("sun"))
    moved = browser.post(f"/editor/{mine.id}", data=typed(space=str(closed.id), base="1"))
    assert moved.status_code == 404
    assert head_number(mine) == 1


def test_the_desk_shows_reviewers_what_waits(put: Put, login_as: Login, author: User) -> None:
    put("waiting", published=False, owner=author)
    put("done", owner=author)
    text = login_as(Role.REVIEWER).get("/desk").text
    assert "题目 waiting" in text and "题目 done" not in text
    assert "题目 waiting" not in login_as(Role.AUTHOR).get("/desk").text
