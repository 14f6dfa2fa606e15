"""What is wrong with how a page looks: axe in both themes, sideways scroll, complaints."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe

from tests.browser.desk import Desk

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOKED_AT = (390, 1280)
WIDTHS = (320, 390, 768, 1280)


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong: rule, element, and what would mend it."""
    answer = Axe().run(page, options={"runOnly": RULES}).response
    return [
        f"{rule['id']}: {node['html'][:160]} — {node['failureSummary'][:200]}"
        for rule in answer["violations"]
        for node in rule["nodes"][:3]
    ]


def complaints(desk: Desk) -> list[str]:
    """Everything about the page this desk shows, and what the browser has said meanwhile.

    The desk has to be opened with ``reduced_motion="reduce"``: a colour on its way from one theme
    to the other is neither of both.
    """
    found = []
    for width in WIDTHS:
        desk.page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: too wide, {desk.too_wide()}"] if desk.too_wide() else []
        for theme in THEMES if width in LOOKED_AT else ():
            desk.page.emulate_media(color_scheme=theme)
            found += [f"{width} {theme} {one}" for one in violations(desk.page)]
    return found + desk.faults
