"""[[Ctrl+K]] in the portal's own renderer, which sanitises last."""

from __future__ import annotations

import pytest

from kb.markup.renderer import Renderer
from plugins.keyboard_keys.plugin import keys_of, portal_markdown_extensions
from portal.api import PluginContext

RENDERER = Renderer([one.markup for one in portal_markdown_extensions(PluginContext)])  # type: ignore[arg-type]


def html(text: str) -> str:
    rendered = RENDERER.render(text)
    assert rendered.failed_extensions == ()
    return rendered.html


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("K", ["K"]),
        ("Ctrl+K", ["Ctrl", "K"]),
        ("Ctrl + Shift + P", ["Ctrl", "Shift", "P"]),
        ("Ctrl++", ["Ctrl", "+"]),
        ("+", ["+"]),
        ("", []),
        ("a++b", []),
    ],
)
def test_keys(text: str, keys: list[str]) -> None:
    assert keys_of(text) == keys


def test_keys_become_kbd() -> None:
    assert "<kbd>Ctrl</kbd>+<kbd>K</kbd>" in html("按 [[Ctrl+K]] 搜索")
    assert "按 Ctrl+K 搜索" in RENDERER.render("按 [[Ctrl+K]] 搜索").text


def test_code_stays_as_typed() -> None:
    assert "[[ -f x ]]" in html("`[[ -f x ]]`")
    assert "[[Ctrl+K]]" in html("```\n[[Ctrl+K]]\n```").replace("</span>", "").replace("<span>", "")


def test_nothing_dangerous_comes_through() -> None:
    page = html("[[<img src=x onerror=alert(1)>]] [[<script>]]")
    assert "<img" not in page and "<script" not in page
