"""What a hit shows: its best section, the best passage of it, and the matches marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kb.search.segment import Article
from kb.text import compose, fold
from kb.text.analyse import TOKEN, is_single, word_terms

WIDTH = 110
"""Characters of a snippet."""
_LEAD = 20
_LONGEST = 60_000
"""Characters of a section that are looked at for its best passage."""


class Marker:
    """Finds the terms of one query in texts. `weights` is term → how much finding it says."""

    def __init__(self, weights: Mapping[str, float], phrases: Sequence[str] = ()) -> None:
        pairs = "".join(term for term in weights if len(term) > 1)
        self._han = {
            term: weight
            for term, weight in weights.items()
            if not term.isascii() and not (is_single(term) and term in pairs)
        }
        self._words = {term: w for term, w in weights.items() if not is_single(term)}
        self._phrases = [fold(compose(phrase)) for phrase in phrases]
        self._weights = weights

    def coverage(self, folded: str) -> float:
        """Sum of the weights of the terms that stand in `folded`, cheaply (words by their stem)."""
        return sum(weight for term, weight in self._weights.items() if term in folded)

    def spans(self, text: str, folded: str) -> list[tuple[int, int, float]]:
        """(start, end, weight) of every match in `text`, by start."""
        found = []
        for term, weight in self._han.items():
            start = folded.find(term)
            while start >= 0:
                found.append((start, start + len(term), weight))
                start = folded.find(term, start + 1)
        for phrase in self._phrases:
            start = folded.find(phrase) if phrase else -1
            while start >= 0:
                found.append((start, start + len(phrase), 1.0))
                start = folded.find(phrase, start + len(phrase))
        if any(term.isascii() for term in self._words):
            for match in TOKEN.finditer(folded):
                if match.lastgroup != "word":
                    continue
                start, end = match.span()
                weights = [
                    self._words[term]
                    for term in word_terms(match.group(), text[start:end])
                    if term in self._words
                ]
                if weights:
                    found.append((start, end, max(weights)))
        return sorted(found)

    def mark(self, text: str) -> str:
        """`text` escaped, its matches in ``<mark>``."""
        return _marked(text, self.spans(text, fold(text)))

    def snippet(self, text: str, folded: str) -> str:
        """About 110 characters of `text` around its best passage, escaped and marked."""
        text, folded = text[:_LONGEST], folded[:_LONGEST]
        spans = self.spans(text, folded)
        start, end = _window(text, spans)
        inside = [
            (max(a, start) - start, min(b, end) - start, w)
            for a, b, w in spans
            if a < end and b > start
        ]
        body = _marked(text[start:end].replace("\n", " "), inside).strip()
        return ("…" if start > 0 else "") + body + ("…" if end < len(text) else "")


def _window(text: str, spans: list[tuple[int, int, float]]) -> tuple[int, int]:
    """Start and end of the WIDTH characters in which the most different matches stand."""
    if len(text) <= WIDTH or not spans:
        return 0, min(len(text), WIDTH)
    best, first, left = -1.0, spans[0][0], 0
    seen: dict[str, list[float]] = {}
    total = 0.0
    for start, end, weight in spans:
        counted = seen.setdefault(text[start:end].lower(), [0, weight])
        if not counted[0]:
            total += weight
        counted[0] += 1
        while spans[left][0] < end - (WIDTH - _LEAD):
            a, b, w = spans[left]
            gone = seen[text[a:b].lower()]
            gone[0] -= 1
            if not gone[0]:
                total -= w
            left += 1
        if total > best + 1e-9:
            best, first = total, spans[min(left, len(spans) - 1)][0]
    start = max(0, first - _LEAD)
    for i in range(first - 1, start - 1, -1):  # rather begin with a sentence than in its middle
        if text[i] in "。！？；\n":
            start = i + 1
            break
    start = max(0, min(start, len(text) - WIDTH))
    return start, min(len(text), start + WIDTH)


def _marked(text: str, spans: Sequence[tuple[int, int, float]]) -> str:
    parts = []
    done = 0
    merged: list[list[int]] = []
    for start, end, _ in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    for start, end in merged:
        parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    parts.append(escape(text[done:]))
    return "".join(parts)


def best_section(article: Article, marker: Marker) -> int | None:
    """Number of the section that covers most of the query; None when there are no sections.

    A heading counts double; of equals the first is best.
    """
    best, found = -1.0, None
    for number, (text, heading) in enumerate(zip(article.folded, article.headings, strict=True)):
        score = marker.coverage(text) + 2 * marker.coverage(heading)
        if score > best:
            best, found = score, number
    return found
