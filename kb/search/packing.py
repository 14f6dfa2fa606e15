"""How often a term stands in each part of an article, packed into one small number.

One posting list per term instead of one per field: a query looks each term up once. The weights
of the parts stay a matter of the query, not of the index.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from kb.search.model import SearchDocument
from kb.text import analyse

BODY_BITS, HEADINGS_BITS, LABELS_BITS, TITLE_BITS = 8, 6, 4, 4
BODY_MAX = (1 << BODY_BITS) - 1
HEADINGS_SHIFT = BODY_BITS
LABELS_SHIFT = HEADINGS_SHIFT + HEADINGS_BITS
TITLE_SHIFT = LABELS_SHIFT + LABELS_BITS
HEADINGS_MAX = (1 << HEADINGS_BITS) - 1
LABELS_MAX = (1 << LABELS_BITS) - 1
TITLE_MAX = (1 << TITLE_BITS) - 1


@dataclass(frozen=True)
class Boosts:
    """Weight of each part of an article; labels are its tags, error code and summary."""

    title: float = 3.0
    headings: float = 2.0
    labels: float = 1.5
    body: float = 1.0


def pack(body: int, headings: int, labels: int, title: int) -> int:
    """Four counts in 22 bits; a count beyond its bits is the largest that fits."""
    return (
        min(body, BODY_MAX)
        | min(headings, HEADINGS_MAX) << HEADINGS_SHIFT
        | min(labels, LABELS_MAX) << LABELS_SHIFT
        | min(title, TITLE_MAX) << TITLE_SHIFT
    )


def unpack(packed: int) -> tuple[int, int, int, int]:
    """(body, headings, labels, title), the counts `pack` was given."""
    return (
        packed & BODY_MAX,
        packed >> HEADINGS_SHIFT & HEADINGS_MAX,
        packed >> LABELS_SHIFT & LABELS_MAX,
        packed >> TITLE_SHIFT,
    )


def count_terms(document: SearchDocument) -> tuple[dict[str, int], tuple[int, int, int, int]]:
    """Every term of `document` with its packed counts, and the lengths of the four parts."""
    headings = "\n".join(section.heading for section in document.sections)
    labels = "\n".join((*document.tags, document.code, document.summary))
    body = "\n".join(section.text for section in document.sections)
    parts = [Counter(analyse(part)) for part in (body, headings, labels, document.title)]
    terms = dict.fromkeys(term for part in parts for term in part)
    packed = {term: pack(*(part[term] for part in parts)) for term in terms}
    lengths = tuple(part.total() for part in parts)
    return packed, (lengths[0], lengths[1], lengths[2], lengths[3])
