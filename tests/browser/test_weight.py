"""What a reading page costs to load, in bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.desk import Desk

KB = 1024
BUDGETS = {"script": 15 * KB, "stylesheet": 12 * KB, "document": 30 * KB}

PAGES = (
    "/faq/search-tips",
    "/tutorials/wbs-basics",
    "/manuals/everything",
    "/cases/sim-wip-limit",
)


def weights(desk: Desk) -> dict[str, int]:
    """Kind of resource → bytes sent (compressed), of everything this desk has loaded."""
    found = dict.fromkeys(BUDGETS, 0)
    for response in desk.responses:
        kind = response.request.resource_type
        if kind in found:
            found[kind] += response.request.sizes()["responseBodySize"]
    return found


@pytest.mark.parametrize("path", PAGES)
def test_reading_pages_keep_to_their_budget(open_desk: Callable[..., Desk], path: str) -> None:
    desk = open_desk()
    desk.go(path)
    loaded = weights(desk)
    assert all(loaded.values()), loaded
    over = {kind: size for kind, size in loaded.items() if size > BUDGETS[kind]}
    assert over == {}


def test_no_font_is_loaded_and_nothing_moves(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(width=390)
    desk.page.add_init_script(
        """window.shift = 0;
        new PerformanceObserver((list) => {
          for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value;
        }).observe({type: "layout-shift", buffered: true});"""
    )
    desk.go("/manuals/everything")
    assert "font" not in {response.request.resource_type for response in desk.responses}
    assert desk.page.evaluate("window.shift") == 0


def test_static_files_are_kept_for_ever(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.go("/faq/search-tips")
    kept = [one for one in desk.responses if one.request.resource_type in {"script", "stylesheet"}]
    assert kept
    assert all("immutable" in one.headers["cache-control"] for one in kept)
