"""What the strict content security policy refuses, found before a browser does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.arch.sources import Source, at

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
DATA_BLOCKS = frozenset({"application/json", "application/ld+json"})
LOADING = {("img", "src"), ("script", "src"), ("link", "href"), ("video", "src"), ("source", "src")}


def _without_jinja(text: str) -> str:
    """The template with what Jinja writes replaced by ``x``, its line numbers kept."""
    return JINJA.sub(lambda found: "x" + "\n" * found.group().count("\n"), text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.findings: list[tuple[int, str]] = []
        self.form: int | None = None

    def found(self, what: str) -> None:
        self.findings.append((self.getpos()[0], what))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if name == "style":
                self.found(f"style attribute on <{tag}>")
            if re.fullmatch(r"on[a-z]+", name):
                self.found(f"{name} attribute on <{tag}>")
            if value.strip().lower().startswith("javascript:"):
                self.found(f"javascript: address on <{tag}>")
            if (tag, name) in LOADING and re.match(r"(https?:)?//", value):
                self.found(f"<{tag}> loads from elsewhere: {value}")
        if tag == "style":
            self.found("<style> in the page")
        if tag == "script" and "src" not in given and given.get("type") not in DATA_BLOCKS:
            self.found("<script> in the page")

    handle_startendtag = handle_starttag


def inline(source: Source) -> Iterator[str]:
    """No style or script inside a page, no on… attribute, nothing loaded from elsewhere."""
    reader = _Reader()
    reader.feed(_without_jinja(source.text))
    reader.close()
    for line, what in reader.findings:
        yield at(source, line, what)


FORM = re.compile(r"<form\b(?P<tag>.*?)>(?P<inside>.*?)</form>", re.DOTALL | re.IGNORECASE)


def form_without_token(source: Source) -> Iterator[str]:
    """A form that changes something carries the token against forged requests."""
    text = re.sub(r"\{#.*?#\}", "", source.text, flags=re.DOTALL)
    for form in FORM.finditer(text):
        posts = re.search(r"method\s*=\s*[\"']?post", form.group("tag"), re.IGNORECASE)
        if posts and not re.search(r"csrf|\btoken\b", form.group("inside")):
            yield at(source, text.count("\n", 0, form.start()) + 1, "POST form without csrf token")
