"""Every page: accessible in both themes, no wider than its window, and without a complaint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.serving import Server
from portal import create_app
from portal.db import db
from portal.settings import load
from tests.browser.desk import Desk
from tests.browser.looking import complaints, violations
from tests.browser.places import EVERYWHERE, Place


@pytest.mark.parametrize("place", EVERYWHERE, ids=lambda place: place.name)
def test_accessible_narrow_and_quiet(open_desk: Callable[..., Desk], place: Place) -> None:
    """axe in both themes on a phone and a desk; no sideways scroll; no error, nothing foreign."""
    desk = open_desk(place.role, reduced_motion="reduce")
    desk.visit(place)
    found = complaints(desk)
    assert not found, "\n" + "\n".join(found)


# Address → the test that looks at its page, where getting there takes more than a link.
LOOKED_AT_ELSEWHERE = {
    "library.show_comparison": "test_writing",
    "accounts.welcome": "test_a_one_time_link",
    "workflow.project": "test_a_project_and_its_steps",
    "workflow.new_step": "test_a_project_and_its_steps",
}
NO_PAGES = (
    "static",
    "plugin_static",
    "rest.",
    "library.show_media",
    "insights.download",
    "notifications.go",
)


def test_every_page_is_looked_at(tmp_path: Path) -> None:
    """A new address has to be added to `places`, or to a test named above."""
    app = create_app(load({}, home=tmp_path))
    with app.app_context():
        rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        addresses = app.url_map.bind("localhost")
        seen = set(LOOKED_AT_ELSEWHERE)
        for place in EVERYWHERE:
            address = place.then[-1].replace("*", "1") if place.then else place.path
            if place.status < 400:
                seen.add(str(addresses.match(address.split("?")[0])[0]))
        db.engine.dispose()
    pages = {rule.endpoint for rule in rules if not rule.endpoint.startswith(NO_PAGES)}
    assert pages - seen == set()


def test_a_one_time_link(open_desk: Callable[..., Desk], portal: Server) -> None:
    portal.home.add_user("newcomer", "reader")
    link = portal.home.run("users", "reset-link", "newcomer").strip()
    desk = open_desk(reduced_motion="reduce")
    desk.go("/welcome/" + link.rsplit("/", 1)[-1])
    assert complaints(desk) == []


def test_a_project_and_its_steps(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk("pmso", reduced_motion="reduce")
    desk.go("/templates/software_release")
    start = desk.page.locator("form[action$='/start']")
    start.locator("[name=title]").fill("新版本")
    start.locator("button").click()
    desk.page.wait_for_url("**/projects/*")
    assert complaints(desk) == []
    project = desk.page.url
    desk.go(project + "/steps/new/timer")
    assert complaints(desk) == []


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
