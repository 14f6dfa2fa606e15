"""One portal with the bundled articles, an account per role, and one Chromium, for all tests here.

With pytest-xdist there is one of each per worker.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.serving import PortalHome, Server
from tests.browser.desk import Desk, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served portal: bundled content and the sample pages of `shelf`."""
    home = PortalHome(tmp_path_factory.mktemp("portal"), {"anonymous_read": "true"})
    home.run("init")
    home.run("import", str(HERE / "shelf"), "--kind", "manual", "--publish")
    with home.serving() as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright. Closed with this folder's tests: as long as it is
    open, an event loop runs that other tests could stumble over.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("no chromium here: apt-get install chromium fonts-noto-cjk", pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def logins() -> dict[str, Any]:
    """Cookies of the roles that have signed in: each has one account and does it once."""
    return {}


@pytest.fixture
def open_desk(
    browser: Browser, portal: Server, logins: dict[str, Any]
) -> Iterator[Callable[..., Desk]]:
    """Sit down at a browser: ``open_desk(role="author", width=390, dark=True, scripts=False)``.

    Further keyword arguments go to Playwright's ``new_context``. What the page complained about
    is in ``desk.faults``.
    """
    with desks(browser, portal, logins) as open_one:
        yield open_one


@contextmanager
def desks(
    browser: Browser, portal: Server, logins: dict[str, Any]
) -> Iterator[Callable[..., Desk]]:
    """Gives `open_desk`; closes every desk at the end."""
    opened: list[Desk] = []

    def open_one(
        role: str = "", *, width: int = 1280, dark: bool = False, scripts: bool = True, **more: Any
    ) -> Desk:
        if role and role not in logins:
            portal.home.add_user(role, role)
            logins[role] = sign_in(browser, portal.url, role)
        context = browser.new_context(
            base_url=portal.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            storage_state=logins.get(role),
            locale="zh-CN",
            **more,
        )
        opened.append(Desk(context, portal.url))
        return opened[-1]

    yield open_one
    for desk in opened:
        desk.context.close()
