"""Every page: accessible in both themes, no wider than its window, and without a complaint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.desk import Desk
from tests.browser.places import EVERYWHERE, Place

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (390, 1280)
NARROW = (320, 390, 768, 1280)


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong: rule, element, and what would mend it."""
    answer = Axe().run(page, options={"runOnly": RULES}).response
    return [
        f"{rule['id']}: {node['html'][:160]} — {node['failureSummary'][:200]}"
        for rule in answer["violations"]
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("place", EVERYWHERE, ids=lambda place: place.name)
def test_accessible_narrow_and_quiet(open_desk: Callable[..., Desk], place: Place) -> None:
    """axe in both themes on a phone and a desk; no sideways scroll; no error, nothing foreign."""
    # Without motion: a colour on its way from one theme to the other is neither of both.
    desk = open_desk(place.role, reduced_motion="reduce")
    desk.visit(place)
    found = []
    for width in NARROW:
        desk.page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: too wide, {desk.too_wide()}"] if desk.too_wide() else []
        for theme in THEMES if width in WIDTHS else ():
            desk.page.emulate_media(color_scheme=theme)
            found += [f"{width} {theme} {one}" for one in violations(desk.page)]
    found += desk.faults
    assert not found, "\n" + "\n".join(found)


def test_a_chosen_theme_is_as_accessible_as_the_systems(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(reduced_motion="reduce")
    desk.go("/manuals/everything")
    desk.page.click("[data-theme-toggle]")
    assert desk.page.get_attribute("html", "data-theme") == "dark"
    assert violations(desk.page) == []


def test_a_bad_page_is_found_bad(open_desk: Callable[..., Desk]) -> None:
    """The measure itself: a picture without words, a wide box, a script in the page."""
    desk = open_desk(width=320)
    desk.page.route(
        "**/bad",
        lambda route: route.fulfill(
            content_type="text/html",
            headers={"Content-Security-Policy": "script-src 'none'; img-src 'self'"},
            body="<html><body><img src='https://elsewhere.invalid/x.png'><script>alert(1)</script>"
            "<div style='width:900px'>x</div>",
        ),
    )
    desk.go("/bad")
    assert any(one.startswith("image-alt") for one in violations(desk.page))
    assert "DIV" in desk.too_wide()
    assert len(desk.faults) >= 2
