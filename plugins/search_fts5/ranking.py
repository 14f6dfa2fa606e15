"""Which articles a set of terms finds: FTS5's BM25, summed over the terms.

As in the built-in engine, an article must cover enough of the query, and covering more of it wins:
the rules and their numbers are `kb.search.ranking`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from kb.search.ranking import COMMON, HALF, KEEP, MAX_TERMS, Scored
from kb.search.snapshot import Place, Snapshot
from kb.text.analyse import is_single
from plugins.search_fts5.shelf import Shelf

_SMALL = 50
"""Articles of a library so small that every single character is worth reading."""


def rank(snapshot: Snapshot, shelf: Shelf, terms: Mapping[str, float]) -> list[Scored]:
    """Articles that have enough of `terms` (term → weight), unordered."""
    wanted = dict(list(terms.items())[:MAX_TERMS])
    pairs = "".join(term for term in wanted if len(term) > 1)
    scores: defaultdict[int, float] = defaultdict(float)
    covers: defaultdict[int, float] = defaultdict(float)
    whole = singles = 0.0
    for term, weight in wanted.items():
        weak = is_single(term) and term in pairs
        if weak and shelf.count > _SMALL and shelf.frequency(term) > COMMON * shelf.count:
            singles += weight * snapshot.idf(shelf.frequency(term))
            continue
        numbers, strengths = shelf.strengths(term)
        idf = weight * snapshot.idf(len(numbers))
        if weak:
            singles += idf
        else:
            whole += idf
        for number, strength in zip(numbers, strengths, strict=True):
            scores[number] += idf * strength
            covers[number] += 0.0 if weak else idf
    found = [Scored(Place(0, n), score, covers[n]) for n, score in scores.items()]
    best = max((hit.cover for hit in found), default=0.0)
    if best:
        found = [hit for hit in found if hit.cover >= KEEP * best]
        for hit in found:
            hit.score *= hit.cover / whole
    elif singles:
        found = [hit for hit in found if hit.score >= HALF * singles]
    return found
