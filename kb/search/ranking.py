"""Which articles a set of terms finds, and in what order: BM25 over the four parts of an article.

BM25 with Lucene's idf, a weight for each part, summed over the terms (Robertson and Zaragoza 2009);
multiplied by the share of the query that an article covers, so that more of the words win.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.search.packing import BODY_MAX, Boosts, unpack
from kb.search.snapshot import Place, Snapshot
from kb.text.analyse import is_single

K1 = 1.2
B = 0.75
KEEP = 0.3
"""An article is found when it covers this share of what the best article covers."""
COMMON = 0.4
"""A single character in more than this share of all articles is not worth reading."""
HALF = 0.5
"""Share of its characters that a query needs when none of its words is anywhere."""
MAX_TERMS = 64


@dataclass
class Scored:
    """A found article. `cover` is the weight of the query's terms in it."""

    place: Place
    score: float
    cover: float


def rank(snapshot: Snapshot, terms: Mapping[str, float], boosts: Boosts) -> list[Scored]:
    """Articles that have enough of `terms` (term → weight), unordered, deleted ones left out."""
    wanted = dict(list(terms.items())[:MAX_TERMS])
    pairs = "".join(term for term in wanted if len(term) > 1)
    weights: dict[str, tuple[float, float]] = {}
    whole = singles = 0.0
    for term, weight in wanted.items():
        frequency = snapshot.frequency(term)
        idf = weight * snapshot.idf(frequency)
        weak = is_single(term) and term in pairs
        if weak:
            singles += idf
            if frequency > COMMON * snapshot.total and snapshot.total > 50:
                continue
        else:
            whole += idf
        if frequency:
            weights[term] = (idf, 0.0 if weak else idf)
    found = _accumulate(snapshot, weights, boosts)
    best = max((hit.cover for hit in found), default=0.0)
    if best:
        found = [hit for hit in found if hit.cover >= KEEP * best]
        for hit in found:
            hit.score *= hit.cover / whole
    elif singles:
        found = [hit for hit in found if hit.score >= HALF * singles]
    return found


def _accumulate(
    snapshot: Snapshot, weights: Mapping[str, tuple[float, float]], boosts: Boosts
) -> list[Scored]:
    mean = snapshot.average
    factors = (boosts.body, boosts.headings, boosts.labels, boosts.title)
    body = boosts.body
    found = []
    for i, part in enumerate(snapshot.parts):
        view = part.view
        norms = snapshot.body_norms(K1, B)[i]
        scores = [0.0] * view.count
        covers = [0.0] * view.count
        for term, (idf, cover) in weights.items():
            documents, counts = view.postings(term)
            factor = idf * body
            for number, packed in zip(documents, counts, strict=True):
                if packed <= BODY_MAX:  # by far the most common case
                    scores[number] += factor * packed / (packed + norms[number])
                else:
                    lengths = view.entries[number].lengths
                    score = 0.0
                    for j, count in enumerate(unpack(packed)):
                        if count:
                            norm = K1 * (1 - B + B * lengths[j] / mean[j])
                            score += factors[j] * count / (count + norm)
                    scores[number] += idf * score
                covers[number] += cover
        for number, score in enumerate(scores):
            if score and number not in part.deleted:
                found.append(Scored(Place(i, number), score, covers[number]))
    return found
