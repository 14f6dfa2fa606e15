"""Names in addresses: slugs of articles and anchors of headings, readable in Chinese."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG = 80
MAX_ANCHOR = 100

# Han (with extensions), 〇, kana and hangul: what NFKC leaves of CJK letters.
_CJK = "〇぀-ヿ㐀-䶿一-鿿가-힣\U00020000-\U0003134f"
_NOT_SLUG = re.compile(f"[^a-z0-9{_CJK}]+")
_SLUG_PART = re.compile(f"[a-z0-9{_CJK}]+(?:[-_.]+[a-z0-9{_CJK}]+)*")
# GitHub's rule: letters, digits, marks, "-" and "_" stay, spaces become "-", the rest goes.
_NOT_ANCHOR = re.compile(r"[^\w\- ]+")


def slugify(text: str) -> str:
    """`text` as one part of an address: NFKC, lower case, ASCII letters, digits and CJK kept.

    Everything else becomes ``-``. At most `MAX_SLUG` characters; empty when nothing remains.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    return _NOT_SLUG.sub("-", folded).strip("-")[:MAX_SLUG].rstrip("-")


def is_slug(text: str) -> bool:
    """Whether `text` is a path of slugs: parts joined by ``/``, none of them empty or dots."""
    return all(
        len(part) <= MAX_SLUG and _SLUG_PART.fullmatch(part) is not None for part in text.split("/")
    )


def heading_anchor(text: str, taken: set[str]) -> str:
    """A readable anchor for the heading `text`, unique in `taken`, to which it is added.

    Made by GitHub's rule, so that ``#anchors`` of imported documents stay true: lower case,
    punctuation dropped, spaces to ``-``; a repeated one gets ``-1``, ``-2``, ….
    """
    base = _NOT_ANCHOR.sub("", unicodedata.normalize("NFC", text).strip().lower())
    base = base.replace(" ", "-")[:MAX_ANCHOR] or "section"
    anchor = base
    if base in taken:
        # Ten thousand equal headings must not cost ten thousand look-ups each: gallop, then halve.
        low, high = 0, 1
        while f"{base}-{high}" in taken:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            if f"{base}-{middle}" in taken:
                low = middle
            else:
                high = middle
        anchor = f"{base}-{high}"
    taken.add(anchor)
    return anchor
