"""Direct answers: shown first, escaped, for the whole query, and harmless when a plugin is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.plugin_host import host
from tests.portal.plugins.conftest import Load, load, write_plugin  # noqa: F401

Write = Callable[..., Path]

HOOK = """
    import threading

    gate = threading.Event()

    @hookimpl
    def portal_resolve_shortcut(ctx, query, viewer):
        {body}
"""


def answering(write_plugin: Write, body: str, name: str = "trial") -> None:  # noqa: F811
    """Write a plugin whose hook has this body."""
    write_plugin(name, HOOK.format(body=body))


def asked(app: Flask, text: str = "请假", **more: object) -> tuple[str, object]:
    """The page of results, and what the API says of a shortcut."""
    client = app.test_client()
    page = client.get("/search", query_string={"q": text, **more})
    answer = client.get("/api/v1/search", query_string={"q": text})
    suggestions = client.get("/api/v1/suggest", query_string={"q": text})
    assert (page.status_code, answer.status_code, suggestions.status_code) == (200, 200, 200)
    return page.text, answer.get_json()["shortcut"]


@pytest.fixture
def linked(make_app: Callable[..., Flask]) -> Flask:
    links = {"请假、休假": "/faq/leave", "报销": "https://expenses.example.com/new?a=1&b=2"}
    return make_app(anonymous_read=True, plugins={"shortcuts": {"links": links}})


def test_it_stands_above_the_hits_and_is_the_first_for_the_keyboard(linked: Flask) -> None:
    page, shortcut = asked(linked, "请假")
    assert shortcut == {"title": "请假", "url": "/faq/leave", "note": ""}
    assert "直达" in page
    first = re.search(r"<a [^>]*data-hit[^>]*>", page)
    assert first is not None and 'href="/faq/leave"' in first.group()
    assert page.index("直达") < page.index("没有找到")


def test_another_site_is_named(linked: Flask) -> None:
    page, shortcut = asked(linked, "報銷")
    assert shortcut == {
        "title": "报销",
        "url": "https://expenses.example.com/new?a=1&b=2",
        "note": "",
    }
    assert 'href="https://expenses.example.com/new?a=1&amp;b=2"' in page
    assert "别的网站：expenses.example.com" in page


def test_only_the_first_page_has_it(linked: Flask) -> None:
    assert "直达" not in asked(linked, "请假", page=2)[0]
    answer = linked.test_client().get("/api/v1/search?q=请假&offset=10").get_json()
    assert answer["shortcut"] is None


@pytest.mark.parametrize("text", ["请假流程", "怎么请假", "", " ", "/faq/leave", "、"])
def test_other_queries_have_none(linked: Flask, text: str) -> None:
    page, shortcut = asked(linked, text)
    assert shortcut is None and "直达" not in page


def test_who_may_not_read_the_target_sees_the_configured_words_only(
    app: Flask, make_app: Callable[..., Flask]
) -> None:
    from portal.accounts.models import Role, User
    from portal.db import write
    from portal.library import service as library
    from portal.library.models import Space

    shut = make_app(anonymous_read=True, plugins={"shortcuts": {"links": {"奖金": "/faq/bonus"}}})
    with shut.app_context():
        with write() as session:
            author = User(name="author", display_name="作者", role=Role.PMSO)
            space = Space(slug="closed", name="经理", public=False)
            session.add_all([author, space])
        words = library.Words(title="年终奖金方案", body="只给经理看。")
        made = library.create(author, kind="faq", slug="bonus", space_id=space.id, words=words)
        library.publish(author, made.article_id, made.number)
        page, shortcut = asked(shut, "奖金")
        assert shortcut == {"title": "奖金", "url": "/faq/bonus", "note": ""}
        assert "年终奖金方案" not in page and "只给经理看" not in page
        assert shut.test_client().get("/faq/bonus").status_code in {302, 401, 403, 404}


def test_what_a_plugin_gives_is_escaped(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
) -> None:
    body = "return Shortcut('<b>甲</b>', '/faq/\"><script>x', '<i>乙</i>')"
    answering(write_plugin, body)
    page, shortcut = asked(load())
    assert shortcut == {"title": "<b>甲</b>", "url": '/faq/"><script>x', "note": "<i>乙</i>"}
    assert "&lt;b&gt;甲" in page and "&lt;i&gt;乙" in page
    assert "<script>x" not in page and "<b>甲" not in page


def test_a_plugin_is_told_who_asks(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
) -> None:
    answering(write_plugin, "return Shortcut(f'{query}|{viewer.name}|{viewer.role}', '/')")
    with load().app_context():
        from portal.accounts.models import Role, User
        from portal.search import service as search

        anna = User(id=7, name="anna", display_name="Anna", role=Role.AUTHOR, active=True)
        found = search.search(anna, "  请假  ").shortcut
        assert found is not None and found.title == "请假|anna|author"


@pytest.mark.parametrize(
    "body",
    [
        "raise RuntimeError('boom')",
        "raise SystemExit(2)",
        "return '/faq/leave'",
        "return ('请假', '/faq/leave')",
        "return [Shortcut('请假', '/faq/leave')]",
        "return True",
        "return Shortcut('请假', 'javascript:alert(1)')",
        "return Shortcut('请假', '//evil.example')",
        "return Shortcut(7, '/faq/leave')",
        "return Shortcut('请假', '/faq/leave', None)",
        "gate.wait(20)",
    ],
)
def test_a_faulty_plugin_is_named_and_the_next_one_answers(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
    body: str,
) -> None:
    answering(write_plugin, body, "bad")
    answering(write_plugin, "return Shortcut('好的', '/good')", "good")
    app = load(plugins_budget_ms=200 if "wait" in body else 5_000)
    with app.app_context():
        page, shortcut = asked(app)
        assert shortcut == {"title": "好的", "url": "/good", "note": ""}
        assert "evil" not in page and "javascript:" not in page
        bad, good = host().plugin("bad"), host().plugin("good")
        assert bad is not None and good is not None and bad.module is not None
        assert {failure.where for failure in bad.failures} == {"portal_resolve_shortcut"}
        assert good.failures == []
        bad.module.gate.set()


def test_a_shortcut_stands_above_titles_when_there_is_no_index(linked: Flask) -> None:
    page, _ = asked(linked, "休假")
    assert "JS-1004" in page and 'href="/faq/leave"' in page


def test_a_client_without_rights_gets_none(make_app: Callable[..., Flask]) -> None:
    app = make_app(plugins={"shortcuts": {"links": {"请假": "/faq/leave"}}})
    client: FlaskClient = app.test_client()
    assert client.get("/api/v1/search?q=请假").status_code == 401
    assert "/faq/leave" not in client.get("/search?q=请假").text
