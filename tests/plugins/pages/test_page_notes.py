"""A line of the company's own, where it was asked for and escaped."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask


def test_nothing_is_shown_unless_it_is_set(app: Flask) -> None:
    page = app.test_client().get("/").get_data(as_text=True)
    assert 'class="slot"' not in page


def test_each_text_stands_in_its_place(make_app: Callable[..., Flask]) -> None:
    notes = {"foot": "内部资料 <请勿外传>", "search_end": "找不到就打 8000"}
    app = make_app(anonymous_read=True, plugins={"page_notes": notes})
    client = app.test_client()
    home = client.get("/").get_data(as_text=True)
    found = client.get("/search?q=没有这个").get_data(as_text=True)
    assert "内部资料 &lt;请勿外传&gt;" in home and "8000" not in home
    assert "找不到就打 8000" in found and "内部资料" in found
