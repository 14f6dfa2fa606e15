"""What every rendered page must be, whatever went in; read by a parser of its own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from kb.markup.vocabulary import CLASSES, PLAIN_TAGS, RESERVED_IDS, TAG_ATTRIBUTES

VOID = frozenset({"br", "hr", "img", "input", "source", "track", "wbr"})
URL_ATTRIBUTES = frozenset({"href", "src", "poster"})
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


class Checker(HTMLParser):
    """Asserts the rules tag by tag and keeps what it saw."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in PLAIN_TAGS, tag
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs)
        allowed = TAG_ATTRIBUTES["*"] | TAG_ATTRIBUTES.get(tag, frozenset())
        assert attributes.keys() <= allowed, (tag, attributes)
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style"
            if name in URL_ATTRIBUTES:
                self.check_url(tag, name, value)
        assert attributes.get("rel", "noopener noreferrer") == "noopener noreferrer"
        for name in attributes.get("class", "").split():
            assert name in CLASSES or name.startswith(("callout-", "language-")), name
        if "id" in attributes:
            assert attributes["id"] not in RESERVED_IDS and not attributes["id"].startswith("page-")
            self.ids.append(attributes["id"])
        if tag == "input":
            kind = attributes["type"]
            assert kind == "radio" or (kind == "checkbox" and "disabled" in attributes)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.stack.append(tag)

    def check_url(self, tag: str, name: str, value: str) -> None:
        bare = re.sub(r"[\x00-\x20\x7f]+", "", value).replace("\\", "/")
        scheme = SCHEME.match(bare)
        if name == "href":
            assert scheme is None or scheme[0].lower() in ("http:", "https:", "mailto:", "tel:")
        else:
            assert scheme is None and not bare.startswith("//"), (tag, name, value)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"declaration {decl!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"processing instruction {data!r}")


def check(html: str) -> Checker:
    """Assert that `html` is well-formed, holds only the vocabulary and has no id twice."""
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert checker.stack == []
    assert len(checker.ids) == len(set(checker.ids)), checker.ids
    for character in "\x00\x02\x03":
        assert character not in html
    return checker
