"""Reading and searching as people do it: by keyboard, with an input method, without scripts."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import pytest

from tests.browser.desk import Desk

SUGGEST = "/api/v1/suggest"
PAUSE = 600
"""Milliseconds in which an impatient script would have asked for suggestions."""


def asked(desk: Desk) -> list[str]:
    """What has been asked of the suggestions so far."""
    return [unquote(one.url) for one in desk.responses if SUGGEST in one.url]


def test_without_scripts_one_reads_searches_and_says_whether_it_helped(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk(scripts=False, width=390)
    page = desk.page
    desk.go("/manuals/everything")
    assert page.is_visible("main h1")
    assert not page.is_visible(".needs-js >> nth=0")
    page.click("header a[href='/search']")
    page.fill("main input[name=q]", "里程碑")
    page.press("main input[name=q]", "Enter")
    page.click("main [data-hit] >> nth=0")
    assert "mark" not in page.url
    page.click("main [name=solved][value='1']")
    assert "记下了" in page.inner_text("body")
    assert desk.faults == []


@pytest.mark.parametrize("keys", ["/", "Control+k"])
def test_by_keyboard_from_anywhere_to_a_hit(open_desk: Callable[..., Desk], keys: str) -> None:
    desk = open_desk()
    page = desk.page
    desk.go("/faq/")
    page.keyboard.press(keys)
    assert page.evaluate("document.activeElement.name") == "q"
    with page.expect_response(lambda one: SUGGEST in one.url):
        page.keyboard.type("里程碑")
    page.wait_for_selector("dialog [role=option]")
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("dialog [role=option][aria-selected=true]", "data-url")
    assert chosen
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: unquote(address).endswith(unquote(chosen)))
    assert desk.faults == []


def test_escape_closes_the_search_and_gives_the_focus_back(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.go("/faq/")
    desk.page.keyboard.press("/")
    assert desk.page.is_visible("dialog[open]")
    desk.page.keyboard.press("Escape")
    assert not desk.page.is_visible("dialog[open]")


def test_a_slash_in_a_text_field_is_a_slash(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.go("/login")
    desk.page.focus("main [name=name]")
    desk.page.keyboard.type("a/b")
    assert desk.page.input_value("main [name=name]") == "a/b"


def test_suggestions_wait_until_the_input_method_has_finished(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk()
    page = desk.page
    desk.go("/search")
    page.focus("main input[name=q]")
    keyboard = desk.context.new_cdp_session(page)
    for pinyin in ("l", "li", "li'c", "li'cheng", "li'cheng'bei"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": pinyin, "selectionStart": len(pinyin), "selectionEnd": len(pinyin)},
        )
    page.wait_for_timeout(PAUSE)
    assert asked(desk) == []
    with page.expect_response(lambda one: SUGGEST in one.url):
        keyboard.send("Input.insertText", {"text": "里程碑"})
    page.wait_for_timeout(PAUSE)
    assert [one.rsplit("q=", 1)[1] for one in asked(desk)] == ["里程碑"]


def test_the_chosen_theme_is_remembered(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.go("/faq/")
    assert desk.page.get_attribute("html", "data-theme") == "auto"
    desk.page.click("[data-theme-toggle]")
    dark = desk.page.evaluate("getComputedStyle(document.body).backgroundColor")
    desk.go("/faq/search-tips")
    assert desk.page.get_attribute("html", "data-theme") == "dark"
    assert desk.page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    desk.page.click("[data-theme-toggle]")
    assert desk.page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_code_can_be_copied(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(permissions=["clipboard-read", "clipboard-write"])
    page = desk.page
    desk.go("/manuals/everything")
    page.hover("article pre")
    page.click("article :has(> pre) button, article pre button")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("def greet(name: str) -> str:\n")
    assert copied.rstrip().endswith('return f"你好，{name}"')
    assert desk.faults == []


def test_a_chinese_heading_can_be_linked_to(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.go("/manuals/more")
    desk.page.click("article a:has-text('第一页的代码')")
    desk.page.wait_for_url(lambda address: unquote(address).endswith("/manuals/everything#代码"))
    desk.page.wait_for_load_state("networkidle")
    top = desk.page.evaluate(
        "document.getElementById(decodeURIComponent(location.hash.slice(1)))"
        ".getBoundingClientRect().top"
    )
    assert 0 <= top < 300


def test_the_skip_link_comes_first(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.go("/faq/search-tips")
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    desk.page.keyboard.press("Enter")
    assert desk.page.evaluate("document.activeElement.id") == "main"


def test_the_search_address_can_be_shared(open_desk: Callable[..., Desk]) -> None:
    first, second = open_desk(), open_desk()
    first.go("/")
    first.page.fill("main input[name=q]", "审批 卡住")
    first.page.press("main input[name=q]", "Enter")
    first.page.wait_for_selector("[data-hit]")
    second.go(first.page.url)
    hits = "[...document.querySelectorAll('[data-hit]')].map((one) => one.textContent)"
    assert first.page.evaluate(hits) == second.page.evaluate(hits) != []


def test_english_is_one_click_away_and_stays(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.go("/faq/")
    desk.page.click("footer button[value=en]")
    desk.page.wait_for_load_state("networkidle")
    assert desk.page.get_attribute("html", "lang") == "en"
    desk.go("/search")
    assert desk.page.get_attribute("html", "lang") == "en"
    assert desk.faults == []
