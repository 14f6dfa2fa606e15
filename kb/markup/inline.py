"""Inline additions to Python-Markdown: bare addresses as links, plain mail links."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

# An address ends at the first character that is not printable ASCII: Chinese text goes on after it.
BARE_URL = r"(?<![\w@/.])https?://[^\s<>\"`\\|\x02\x03\x7f-\U0010ffff]+"
MAIL = r"<((?:mailto:)?[^<>@\s:]+@[^<>@\s:]+)>"
_TRAILING = ".,;:!?'*_~"


class BareUrl(InlineProcessor):
    """``https://…`` in running text becomes a link (GitHub's rules for what belongs to it)."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        """The link and the positions it replaces."""
        url = m.group(0)
        while True:
            shorter = url.rstrip(_TRAILING)
            if shorter.endswith((")", "]")):
                opening = "(" if shorter.endswith(")") else "["
                if shorter.count(shorter[-1]) > shorter.count(opening):
                    shorter = shorter[:-1]
            if shorter == url:
                break
            url = shorter
        if url.endswith("://"):
            return None, m.start(), m.end()
        link = Element("a", {"href": url})
        link.text = AtomicString(url)
        return link, m.start(), m.start() + len(url)


class MailLink(InlineProcessor):
    """``<name@example.com>`` becomes a mail link, without Python-Markdown's entity disguise."""

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        """The link and the positions it replaces."""
        address = self.unescape(m.group(1)).removeprefix("mailto:")
        link = Element("a", {"href": f"mailto:{address}"})
        link.text = AtomicString(address)
        return link, m.start(), m.end()


def register(md: Markdown) -> None:
    """Put both into `md`."""
    md.inlinePatterns.register(MailLink(MAIL, md), "automail", 110)
    # After the author's HTML is out of the way (90), before emphasis can split an address (60).
    md.inlinePatterns.register(BareUrl(BARE_URL, md), "bare_url", 85)
