"""The embedded search engine: Whoosh's segments and commits, our analysis and ranking."""

from __future__ import annotations

import heapq
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kb.search.highlight import Marker, best_section
from kb.search.matching import Conditions, code_matches, phrase_filter
from kb.search.model import (
    Hit,
    IndexStats,
    IndexUnavailable,
    Query,
    Results,
    SearchDocument,
    Suggestion,
)
from kb.search.packing import Boosts
from kb.search.ranking import Scored, rank
from kb.search.segment import whole_terms
from kb.search.snapshot import Place, Snapshot
from kb.search.store import LOCK_SECONDS, VERSION, Store
from kb.search.suggest import TitleTable
from kb.text import query_terms

_CODE, _TITLE = 1000.0, 500.0
"""Added to the score of an article whose error code or whole title is the query."""
_HEADING = 0.3
"""Added, as a share of the best score, when a whole heading is the query."""


class WhooshEngine:
    """A `SearchEngine` in the folder `path`. Safe in several threads and processes."""

    def __init__(
        self, path: Path, *, boosts: Boosts | None = None, lock_seconds: float = LOCK_SECONDS
    ) -> None:
        self._store = Store(Path(path), lock_seconds=lock_seconds)
        self._boosts = boosts or Boosts()
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._table: tuple[tuple[str, int], TitleTable] | None = None
        self._process = os.getpid()

    def _current(self) -> Snapshot:
        """The index as last committed by any process. Raises IndexUnavailable."""
        with self._lock:
            if self._process != os.getpid():  # a fork would share the file positions
                self._snapshot, self._process = None, os.getpid()
            snapshot = self._snapshot
            if snapshot is None or snapshot.key != self._store.key():
                snapshot = self._snapshot = self._store.open(snapshot)
            return snapshot

    def close(self) -> None:
        """Close the files; the engine opens them again when asked something."""
        with self._lock:
            if self._snapshot:
                for part in self._snapshot.parts:
                    part.view.close()
            self._snapshot = self._table = None

    # Writing

    @contextmanager
    def writer(self) -> Iterator[Batch]:
        """Gather changes and commit them when the block ends. Raises IndexUnavailable."""
        with self._store.locked():
            self._current()
            batch = Batch()
            yield batch
            if batch.changed:
                self._store.change(self._current(), batch.added.values(), batch.changed)

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Build beside the live index, swap it in, give the number of articles."""
        with self._store.locked():
            return self._store.rebuild(documents)

    # Reading

    def search(
        self, query: Query, *, limit: int = 10, offset: int = 0, kind: str | None = None
    ) -> Results:
        """Articles, best first. Raises IndexUnavailable."""
        snapshot = self._current()
        conditions = Conditions(query)
        words = " ".join((query.text, *query.phrases))
        terms = query_terms(words)
        if terms:
            found = [hit for hit in self._ranked(snapshot, query, terms)
                     if conditions.allow(snapshot.entry(hit.place))]  # fmt: skip
        elif query.is_empty or query.text or query.phrases:
            found = []
        else:  # only filters: the newest first
            found = [
                Scored(Place(i, number), entry.updated or 0.0, 0.0)
                for i, part in enumerate(snapshot.parts)
                for number, entry in part.live()
                if conditions.allow(entry)
            ]
        found = phrase_filter(snapshot, found, query)
        facets = _facets(snapshot, found, kind)
        if kind is not None:
            found = [hit for hit in found if snapshot.entry(hit.place).kind == kind]
        page = heapq.nsmallest(
            max(offset, 0) + max(limit, 0),
            found,
            key=lambda hit: (-hit.score, snapshot.entry(hit.place).id),
        )[max(offset, 0) :]
        marker = Marker(self._weights(snapshot, terms), query.phrases)
        meant = None
        if not found and words.strip():
            meant = self._titles(snapshot).meant(words, query.spaces)
        return Results(
            hits=tuple(self._hit(snapshot, hit, marker) for hit in page),
            total=len(found),
            facets=facets,
            did_you_mean=meant,
        )

    def _ranked(self, snapshot: Snapshot, query: Query, terms: dict[str, float]) -> list[Scored]:
        found = rank(snapshot, terms, self._boosts)
        top = max((hit.score for hit in found), default=0.0)
        extra: defaultdict[Place, float] = defaultdict(float)
        for place in code_matches(snapshot, query.raw):
            extra[place] += _CODE
        if whole := whole_terms(" ".join((query.text, *query.phrases))):
            for i, part in enumerate(snapshot.parts):
                for term, bonus in zip(whole, (_TITLE, _HEADING * top), strict=True):
                    for number in part.view.postings(term)[0]:
                        if number not in part.deleted:
                            extra[Place(i, number)] += bonus
        for hit in found:
            hit.score += extra.pop(hit.place, 0)
        return found + [Scored(place, score, 0.0) for place, score in extra.items()]

    @staticmethod
    def _weights(snapshot: Snapshot, terms: dict[str, float]) -> dict[str, float]:
        return {t: w * snapshot.idf(snapshot.frequency(t)) for t, w in terms.items()}

    @staticmethod
    def _hit(snapshot: Snapshot, scored: Scored, marker: Marker) -> Hit:
        view = snapshot.parts[scored.place.part].view
        entry = snapshot.entry(scored.place)
        article = view.article(scored.place.number)
        number = best_section(article, marker)
        anchor = heading = snippet = ""
        path: tuple[str, ...] = ()
        if number is not None:
            section = article.sections[number]
            anchor, heading, path = section.anchor, section.heading, section.path
            snippet = marker.snippet(section.text, article.folded[number])
        return Hit(
            id=entry.id, kind=entry.kind, title=entry.title, title_html=marker.mark(entry.title),
            anchor=anchor, heading=heading, path=path,
            snippet=snippet or marker.mark(article.summary[:200]), score=round(scored.score, 4),
            tags=entry.tags, updated=entry.when, extra=entry.extra,
        )  # fmt: skip

    def _titles(self, snapshot: Snapshot) -> TitleTable:
        table = self._table
        if table is None or table[0] != snapshot.key:
            table = self._table = (snapshot.key, TitleTable(snapshot))
        return table[1]

    def suggest(
        self, text: str, *, limit: int = 8, spaces: frozenset[str] | None = None
    ) -> Sequence[Suggestion]:
        """Titles and headings that begin with or contain what is being typed."""
        snapshot = self._current()
        found = [
            (line, snapshot.entry(line.place))
            for line in self._titles(snapshot).find(text, limit, spaces)
        ]
        return [Suggestion(line.text, e.id, e.kind, line.anchor, e.extra) for line, e in found]

    def related(
        self, id: str, *, limit: int = 5, spaces: frozenset[str] | None = None
    ) -> Sequence[Hit]:
        """Articles that share the words of this one's title, tags and headings."""
        snapshot = self._current()
        place = snapshot.places.get(id)
        if place is None:
            return []
        entry = snapshot.entry(place)
        if spaces is not None and entry.space not in spaces:
            return []
        outline = snapshot.parts[place.part].view.outline(place.number)
        terms: Counter[str] = Counter()
        for text, weight in (
            (entry.title, 3), (" ".join(entry.tags), 3), (" ".join(h for _, h in outline), 1),
        ):  # fmt: skip
            for term in query_terms(text):
                terms[term] += weight
        scale = self._weights(snapshot, dict.fromkeys(terms, 1.0))
        key = dict(heapq.nlargest(24, terms.items(), key=lambda item: item[1] * scale[item[0]]))
        found = [
            hit
            for hit in rank(snapshot, {t: float(w) for t, w in key.items()}, self._boosts)
            if hit.place != place and (spaces is None or snapshot.entry(hit.place).space in spaces)
        ]
        page = heapq.nlargest(limit, found, key=lambda hit: hit.score)
        marker = Marker({})
        return [self._hit(snapshot, hit, marker) for hit in page]

    def ids(self) -> Iterator[tuple[str, str]]:
        """Every (id, content fingerprint) in the index."""
        for part in self._current().parts:
            for _, entry in part.live():
                yield entry.id, entry.fingerprint

    def stats(self) -> IndexStats:
        """Raises IndexUnavailable when the index cannot be opened."""
        return IndexStats(len(self._current().places), self._store.bytes(), VERSION)


class Batch:
    """Changes waiting for the end of their block."""

    def __init__(self) -> None:
        self.added: dict[str, SearchDocument] = {}
        self.changed: dict[str, None] = {}

    def add(self, document: SearchDocument) -> None:
        """Add `document`, or replace the one with its id."""
        self.added[document.id] = document
        self.changed[document.id] = None

    def delete(self, id: str) -> None:
        """Forget the document with this id."""
        self.added.pop(id, None)
        self.changed[id] = None


def _facets(
    snapshot: Snapshot, found: Sequence[Scored], kind: str | None
) -> dict[str, dict[str, int]]:
    kinds: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    for hit in found:
        entry = snapshot.entry(hit.place)
        kinds[entry.kind] += 1
        if kind is None or entry.kind == kind:
            tags.update(entry.tags)
    return {"kind": dict(kinds.most_common()), "tag": dict(tags.most_common())}


__all__ = ["Batch", "IndexUnavailable", "WhooshEngine"]
