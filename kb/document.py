"""A source document: front matter and Markdown, and what rendering it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_TEXT = 1_000_000
"""Characters of one document, front matter included; longer ones are refused (JS-2003)."""


@dataclass(frozen=True)
class Heading:
    """An outline entry; `anchor` is the id of the heading element in the HTML."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Section:
    """An addressable part of a document: the text under one heading, without its sub-sections.

    The text before the first heading is a section with an empty anchor and heading.
    `path` holds the headings above it, outermost first, its own heading last.
    """

    anchor: str
    heading: str
    level: int
    path: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Rendered:
    """A rendered document. `html` is sanitised and safe to send."""

    html: str
    outline: tuple[Heading, ...]
    sections: tuple[Section, ...]
    links: tuple[str, ...]
    """Link targets as written in the source, in order."""
    media: tuple[str, ...]
    """Picture and video sources as written, in order."""
    minutes: int
    """Reading time, whole minutes, at least 1 (400 汉字 or 220 English words a minute)."""
    failed_extensions: tuple[str, ...] = ()
    """Names of extensions that raised; the page was rendered again without them."""

    @property
    def text(self) -> str:
        """The plain text of all sections."""
        return "\n".join(section.text for section in self.sections if section.text)


@dataclass(frozen=True)
class Document:
    """Front matter (parsed, untyped) and the Markdown body beneath it."""

    front: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    title: str = ""
    """From the front matter, else the first H1 (which is then not in `body`), else empty."""
