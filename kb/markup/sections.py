"""From the finished HTML to its outline, the plain text of its sections, and the reading time.

Works on the sanitiser's output, which is well-formed and escapes ``<`` and ``>`` in attributes, so
that a regular expression reads its tags exactly.
"""

from __future__ import annotations

import math
import re
from html import unescape

from kb.document import Heading, Section
from kb.markup.vocabulary import words

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^>]*)>")
_ID = re.compile(r' id="([^"]*)"')
_CLASS = re.compile(r' class="([^"]*)"')
_SPACES = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r"\s*\n\s*")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")
_WORD = re.compile(r"[A-Za-z0-9]+(?:['’.-][A-Za-z0-9]+)*")

_INLINE = words(
    "a abbr b cite code del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub "
    "sup time u var wbr img source track input"
)
# Not part of the text: marks for navigation and words about what is missing.
_SKIPPED = {
    "a": ("heading-anchor", "footnote-backref", "video-download"),
    "sup": ("footnote-ref",),
    "span": ("missing-media",),
}
_HEADINGS = {f"h{level}": level for level in range(2, 7)}


def read_sections(html: str) -> tuple[tuple[Heading, ...], tuple[Section, ...]]:
    """The outline, and the sections in order; text before the first heading has no anchor."""
    outline: list[Heading] = []
    sections: list[Section] = []
    trail: list[Heading] = []
    current: Heading | None = None
    parts: list[str] = []
    heading_parts: list[str] | None = None
    anchor = ""
    position = 0
    skip = ""

    def close() -> None:
        text = _tidy("".join(parts))
        if current is None:
            if text:
                sections.append(Section("", "", 0, (), text))
        else:
            path = tuple(heading.text for heading in trail)
            sections.append(Section(current.anchor, current.text, current.level, path, text))
        parts.clear()

    for match in _TAG.finditer(html):
        closing, tag, attributes = match.groups()
        if skip:
            if closing and tag == skip:
                skip, position = "", match.end()
            continue
        into = parts if heading_parts is None else heading_parts
        if match.start() > position:
            into.append(html[position : match.start()])
        position = match.end()
        if tag in _INLINE:
            if not closing and tag in _SKIPPED and _has_class(attributes, _SKIPPED[tag]):
                skip = tag
            continue
        if tag in _HEADINGS and (heading_parts is not None or ' id="' in attributes):
            if not closing:
                close()
                found = _ID.search(attributes)
                anchor = unescape(found[1]) if found else ""
                heading_parts = []
            elif heading_parts is not None:
                current = Heading(_HEADINGS[tag], _tidy("".join(heading_parts)), anchor)
                heading_parts = None
                outline.append(current)
                while trail and trail[-1].level >= current.level:
                    trail.pop()
                trail.append(current)
            continue
        into.append(" " if tag in ("td", "th") else "\n")
    if not skip:
        parts.append(html[position:])
    close()
    return tuple(outline), tuple(sections)


def _has_class(attributes: str, names: tuple[str, ...]) -> bool:
    found = _CLASS.search(attributes)
    return found is not None and any(name in found[1].split() for name in names)


def _tidy(text: str) -> str:
    return _LINES.sub("\n", _SPACES.sub(" ", unescape(text))).strip()


def reading_minutes(sections: tuple[Section, ...]) -> int:
    """Whole minutes, at least 1: 400 汉字 or 220 English words a minute."""
    han = sum(len(_HAN.findall(section.text)) for section in sections)
    english = sum(len(_WORD.findall(section.text)) for section in sections)
    return max(1, math.ceil(han / 400 + english / 220))
