"""A browser window of one person, and everything it complained about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bench.serving import PASSWORD
from tests.browser.places import Place

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, Response


def sign_in(browser: Browser, url: str, role: str) -> Any:
    """The cookies of the user named like `role`, got through the login form."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/login")
    page.fill("main [name=name]", role)
    page.fill("main [name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "/login" not in address)
    state = context.storage_state()
    context.close()
    return state


class Desk:
    """A page in a context of its own.

    `faults` collects console errors (refusals by the content security policy are among them),
    uncaught exceptions, dialogs, and requests to anywhere but the portal; `responses` collects
    what was loaded.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.faults: list[str] = []
        self.responses: list[Response] = []
        self.page = context.new_page()
        context.on("console", self._said)
        context.on("request", self._asked)
        context.on("response", lambda answer: self.responses.append(answer))
        context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        self.page.on("dialog", lambda dialog: self._dialog(dialog))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url + "/", "data:", "blob:", "about:")):
            self.faults.append(f"request elsewhere: {request.url}")

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def go(self, path: str, status: int = 200) -> None:
        """Open `path`, wait until it is quiet, and expect this status."""
        answer = self.page.goto(path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        if status >= 400:
            # Chromium itself logs the status of a page; that is no fault of the page.
            self.faults = [one for one in self.faults if f"status of {status}" not in one]

    def visit(self, place: Place) -> None:
        """Open a place of `tests.browser.places`."""
        self.go(place.path, place.status)
        for address in place.then:
            like = re.compile(re.escape(address).replace(r"\*", "[^/?#]+"))
            links = self.page.locator("main a").evaluate_all(
                "links => links.map((one) => one.getAttribute('href'))"
            )
            self.go(next(link for link in links if like.fullmatch(link or "")))

    def too_wide(self) -> str:
        """What sticks out sideways; empty when the page fits its window."""
        found: str = self.page.evaluate(
            """() => {
              const page = document.scrollingElement;
              if (page.scrollWidth <= innerWidth) return "";
              const out = [...document.querySelectorAll("body *")]
                .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
                .map((one) => one.tagName + "." + one.className);
              return `${page.scrollWidth} > ${innerWidth}: ${out.slice(0, 5).join(", ")}`;
            }"""
        )
        return found
