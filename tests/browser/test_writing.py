"""Writing in the editor, and what an author with bad intentions gets out of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.desk import Desk
from tests.browser.looking import complaints

ATTACKS = (Path(__file__).parent / "attacks.md").read_text(encoding="utf-8")
TITLE = "样本 <img src=x onerror='window.ran=1'> \"><script>window.ran=1</script>"

JAVASCRIPT_LINKS = """[...document.querySelectorAll("*")].filter((one) =>
  ["href", "src", "action", "formaction", "data", "xlink:href"].some((name) =>
    /^[\\s\\u0000-\\u001f]*(javascript|vbscript|data:text)/i.test(one.getAttribute(name) || "")) ||
  one.getAttributeNames().some((name) => name.startsWith("on"))).map((one) => one.outerHTML)"""


def write(desk: Desk, title: str, body: str, kind: str = "faq") -> None:
    """Fill in the form for a new article."""
    desk.go(f"/editor/new?kind={kind}")
    desk.page.fill("[name=title]", title)
    desk.page.fill("[name=summary]", title)
    desk.page.fill("[name=body]", body)


PROVOKE = """for (const one of document.querySelectorAll("*"))
  for (const name of ["mouseover", "focus", "toggle", "load", "error"])
    one.dispatchEvent(new Event(name, { bubbles: name === "mouseover" }));"""


def provoke(desk: Desk) -> None:
    """Do what makes handlers run, and give them a moment."""
    desk.page.evaluate(PROVOKE)
    desk.page.wait_for_timeout(300)


def assert_nothing_ran(desk: Desk) -> None:
    assert desk.page.evaluate("window.ran || 0") == 0
    assert desk.page.evaluate(JAVASCRIPT_LINKS) == []
    elsewhere = [one for one in desk.faults if one.startswith(("request elsewhere", "dialog"))]
    assert elsewhere == []
    # A veil over the page could send every click elsewhere.
    assert desk.page.evaluate("document.querySelectorAll('main [style]').length") == 0


def test_the_attacks_are_attacks(open_desk: Callable[..., Desk]) -> None:
    """Where nothing is sanitised and no policy guards, they run, and it is noticed."""
    desk = open_desk()
    raw = "\n".join(line for line in ATTACKS.splitlines() if "elsewhere" not in line)
    desk.page.route("**/raw", lambda one: one.fulfill(content_type="text/html", body=raw))
    desk.page.goto("/raw", wait_until="load")
    provoke(desk)
    assert desk.page.evaluate("window.ran") >= 1
    assert len(desk.page.evaluate(JAVASCRIPT_LINKS)) > 5


@pytest.mark.parametrize("bypass_csp", [False, True], ids=["with-csp", "without-csp"])
def test_no_script_of_an_author_runs_anywhere(
    open_desk: Callable[..., Desk], bypass_csp: bool
) -> None:
    desk = open_desk("author", bypass_csp=bypass_csp)
    page = desk.page
    write(desk, TITLE, ATTACKS)
    page.wait_for_selector("[data-preview] h2")
    provoke(desk)
    assert_nothing_ran(desk)
    page.click(".editor-actions [value=publish]")
    page.wait_for_load_state("networkidle")
    if "/editor/" in page.url:
        page.click("a:has-text('看读者看到的')")
        page.wait_for_load_state("networkidle")
    assert "样本" in page.inner_text("h1")
    provoke(desk)
    assert_nothing_ran(desk)
    for path in ("/faq/", "/", "/search?q=样本", "/desk"):
        desk.go(path)
        provoke(desk)
        assert_nothing_ran(desk)


def test_an_article_is_written_previewed_and_published(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk("author", width=390)
    page = desk.page
    write(desk, "浏览器里写的一篇", "第一段。\n\n## 一节\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n")
    page.wait_for_selector("[data-preview] table")
    page.click(".editor-actions [value=publish]")
    page.wait_for_load_state("networkidle")
    reader = open_desk()
    reader.go("/faq/")
    reader.page.click("main a:has-text('浏览器里写的一篇')")
    reader.page.wait_for_selector("article table")
    assert reader.faults == []
    assert desk.faults == []


def test_writing_works_without_scripts(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk("author", scripts=False)
    page = desk.page
    write(desk, "不开脚本写的一篇", "正文。\n\n## 小节\n")
    page.click(".editor-actions [value=preview]")
    assert page.inner_text("[data-preview] h2").startswith("小节")
    assert page.input_value("[name=title]") == "不开脚本写的一篇"
    page.click(".editor-actions [value=save]")
    assert "草稿" in page.inner_text("main")


def test_what_two_people_wrote_at_once_is_shown_side_by_side(
    open_desk: Callable[..., Desk],
) -> None:
    """The page of a conflict, and the comparison of two versions: nothing is lost."""
    first = open_desk("author", reduced_motion="reduce")
    write(first, "两个人一起改", "第一段。\n\n第二段。\n")
    first.page.click(".editor-actions [value=save]")
    first.page.wait_for_load_state("networkidle")
    address = first.page.url
    second = open_desk("author", reduced_motion="reduce")
    second.go(address)
    first.page.fill("[name=body]", "第一段，我改的。\n\n第二段。\n")
    first.page.click(".editor-actions [value=save]")
    first.page.wait_for_load_state("networkidle")
    second.page.fill("[name=body]", "第一段，他改的。\n\n第二段。\n")
    second.page.click(".editor-actions [value=save]")
    second.page.wait_for_load_state("networkidle")
    shown = second.page.content()
    assert "我改的" in shown
    assert "他改的" in shown
    second.faults = [one for one in second.faults if "status of 409" not in one]
    assert (second.too_wide(), second.faults) == ("", [])
    assert complaints(second) == []
    first.go(address.split("?")[0] + "/history")
    first.page.click("main a[href*='/compare']")
    first.page.wait_for_load_state("networkidle")
    assert complaints(first) == []
