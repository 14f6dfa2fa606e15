"""Inline additions to Python-Markdown: bare addresses as links, plain mail links."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

# An address ends at the first character that is not printable ASCII: Chinese text goes on after it.
BARE_URL = r"(?<![A-Za-z0-9_@/.])https?://[^\s<>\"`\\|\x02\x03\x7f-\U0010ffff]+"
MAIL = r"<((?:mailto:)?[^<>@\s:]+@[^<>@\s:]+)>"
_STASHED_END = re.compile(HTML_PLACEHOLDER_RE.pattern + r"\Z")
_LINK_TAG = re.compile(r"<a\s", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~"


class BareUrl(InlineProcessor):
    """``https://…`` in running text becomes a link (GitHub's rules for what belongs to it)."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        """The link and the positions it replaces."""
        if self.in_typed_link(data[max(0, m.start() - 40) : m.start()]):
            return None, m.start(), m.end()
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

    def in_typed_link(self, before: str) -> bool:
        """Whether the text before an address ends in the start tag of a link typed as HTML."""
        stashed = _STASHED_END.search(self.unescape(before))
        return (
            stashed is not None
            and _LINK_TAG.match(str(self.md.htmlStash.rawHtmlBlocks[int(stashed[1])])) is not None
        )


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
