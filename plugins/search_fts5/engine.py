"""The engine: SQLite finds and weighs, `kb.search` reads the query and shows the hits."""

from __future__ import annotations

import heapq
import os
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.search.highlight import Marker, best_section
from kb.search.matching import Conditions, code_matches, phrase_filter
from kb.search.model import Hit, IndexStats, IndexWriter, Query, Results, SearchDocument, Suggestion
from kb.search.packing import Boosts
from kb.search.ranking import Scored
from kb.search.segment import reading, whole_terms
from kb.search.snapshot import Part, Place, Snapshot
from kb.search.suggest import TitleTable
from kb.text import query_terms
from plugins.search_fts5.ranking import rank
from plugins.search_fts5.shelf import Register, Shelf
from plugins.search_fts5.store import LOCK_SECONDS, VERSION, Store

_CODE, _TITLE = 1000.0, 500.0
"""Added to the score of an article whose error code or whole title is the query."""
_HEADING = 0.3
"""Added, as a share of the best score, when a whole heading is the query."""
_KEY_TERMS = 24
"""Terms of an article by which related ones are looked for."""


@dataclass(frozen=True)
class _View:
    """What one call works with."""

    snapshot: Snapshot
    shelf: Shelf
    register: Register


class Fts5Engine:
    """A `SearchEngine` in the folder `path`. Safe in several threads and processes."""

    def __init__(
        self, path: Path, *, boosts: Boosts | None = None, lock_seconds: float = LOCK_SECONDS
    ) -> None:
        self._store = Store(Path(path), lock_seconds=lock_seconds)
        self._boosts = boosts or Boosts()
        self._lock = threading.Lock()
        self._idle: list[tuple[str, sqlite3.Connection]] = []
        self._register: Register | None = None
        self._table: tuple[tuple[str, int], TitleTable] | None = None
        self._process = os.getpid()
        self._left_behind: list[object] = []

    @contextmanager
    def _reading(self) -> Iterator[_View]:
        """The index as last committed by any process. Raises IndexUnavailable."""
        name, connection = self._borrow()
        try:
            with reading():
                connection.execute("BEGIN")
                ((changes,),) = connection.execute("SELECT changes FROM state").fetchall()
            key = (name, int(changes))
            register = self._register
            if register is None or register.key != key:
                register = self._register = Register(key, connection)
            shelf = Shelf(register, connection, self._boosts)
            yield _View(Snapshot(key, (Part(shelf, frozenset()),)), shelf, register)
            with reading():
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append((name, connection))

    def _borrow(self) -> tuple[str, sqlite3.Connection]:
        """A connection to the live generation that nobody else uses."""
        live = self._store.generation()
        with self._lock:
            if self._process != os.getpid():
                # A connection must be neither used nor closed on the other side of a fork.
                self._left_behind.append(self._idle)
                self._idle, self._process = [], os.getpid()
            while self._idle:
                name, connection = self._idle.pop()
                if name == live:
                    return name, connection
                connection.close()
        return self._store.open()

    def close(self) -> None:
        """Close the files; the engine opens them again when asked something."""
        with self._lock:
            for _, connection in self._idle:
                connection.close()
            self._idle = []
            self._register = self._table = None

    # Writing

    def writer(self) -> AbstractContextManager[IndexWriter]:
        return self._store.writing()

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        return self._store.rebuild(documents)

    # Reading

    def search(
        self, query: Query, *, limit: int = 10, offset: int = 0, kind: str | None = None
    ) -> Results:
        with self._reading() as view:
            entries = view.register.entries
            words = " ".join((query.text, *query.phrases))
            terms = query_terms(words)
            found = phrase_filter(view.snapshot, self._found(view, query, terms, words), query)
            facets = _facets(view, found, kind)
            if kind is not None:
                found = [hit for hit in found if entries[hit.place.number].kind == kind]
            page = heapq.nsmallest(
                max(offset, 0) + max(limit, 0),
                found,
                key=lambda hit: (-hit.score, entries[hit.place.number].id),
            )[max(offset, 0) :]
            marker = Marker(_weights(view, terms), query.phrases)
            meant = None
            if not found and words.strip():
                meant = self._titles(view).meant(words, query.spaces)
            hits = tuple(_hit(view, scored, marker) for scored in page)
            return Results(hits, len(found), facets, meant)

    def _found(
        self, view: _View, query: Query, terms: dict[str, float], words: str
    ) -> list[Scored]:
        """Everything that has the words and fulfils the filters, in no order."""
        conditions = Conditions(query)
        entries = view.register.entries
        if terms:
            ranked = _ranked(view, query, terms, words)
            return [hit for hit in ranked if conditions.allow(entries[hit.place.number])]
        if query.is_empty or query.text or query.phrases:
            return []
        return [  # only filters: the newest first
            Scored(Place(0, number), entry.updated or 0.0, 0.0)
            for number, entry in enumerate(entries)
            if conditions.allow(entry)
        ]

    def _titles(self, view: _View) -> TitleTable:
        table = self._table
        if table is None or table[0] != view.register.key:
            table = self._table = (view.register.key, TitleTable(view.snapshot))
        return table[1]

    def suggest(
        self, text: str, *, limit: int = 8, spaces: frozenset[str] | None = None
    ) -> Sequence[Suggestion]:
        with self._reading() as view:
            found = []
            for line in self._titles(view).find(text, limit, spaces):
                entry = view.snapshot.entry(line.place)
                found.append(Suggestion(line.text, entry.id, entry.kind, line.anchor, entry.extra))
            return found

    def related(
        self, id: str, *, limit: int = 5, spaces: frozenset[str] | None = None
    ) -> Sequence[Hit]:
        with self._reading() as view:
            entries = view.register.entries
            number = view.register.ids.get(id)
            if number is None or (spaces is not None and entries[number].space not in spaces):
                return []
            entry = entries[number]
            headings = " ".join(heading for _, heading in view.shelf.outline(number))
            terms: Counter[str] = Counter()
            for text, weight in ((entry.title, 3), (" ".join(entry.tags), 3), (headings, 1)):
                for term in query_terms(text):
                    terms[term] += weight
            scale = _weights(view, dict.fromkeys(terms, 1.0))
            key = heapq.nlargest(
                _KEY_TERMS, terms.items(), key=lambda item: item[1] * scale[item[0]]
            )
            found = [
                hit
                for hit in rank(view.snapshot, view.shelf, {term: float(w) for term, w in key})
                if hit.place.number != number
                and (spaces is None or entries[hit.place.number].space in spaces)
            ]
            page = heapq.nlargest(limit, found, key=lambda hit: hit.score)
            return [_hit(view, hit, Marker({})) for hit in page]

    def ids(self) -> Iterator[tuple[str, str]]:
        with self._reading() as view:
            found = [(entry.id, entry.fingerprint) for entry in view.register.entries]
        return iter(found)

    def stats(self) -> IndexStats:
        with self._reading() as view:
            return IndexStats(view.shelf.count, self._store.bytes(), VERSION)


def _ranked(view: _View, query: Query, terms: dict[str, float], words: str) -> list[Scored]:
    """What has the words, and what the query names: an error code, a whole title or heading."""
    found = rank(view.snapshot, view.shelf, terms)
    top = max((hit.score for hit in found), default=0.0)
    extra: defaultdict[Place, float] = defaultdict(float)
    for place in code_matches(view.snapshot, query.raw):
        extra[place] += _CODE
    if whole := whole_terms(words):
        for term, bonus in zip(whole, (_TITLE, _HEADING * top), strict=True):
            for number in set(view.shelf.wholes(term)):
                extra[Place(0, number)] += bonus
    for hit in found:
        hit.score += extra.pop(hit.place, 0)
    return found + [Scored(place, score, 0.0) for place, score in extra.items()]


def _weights(view: _View, terms: dict[str, float]) -> dict[str, float]:
    idf, frequency = view.snapshot.idf, view.shelf.frequency
    return {term: weight * idf(frequency(term)) for term, weight in terms.items()}


def _hit(view: _View, scored: Scored, marker: Marker) -> Hit:
    entry = view.snapshot.entry(scored.place)
    article = view.shelf.article(scored.place.number)
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


def _facets(view: _View, found: Sequence[Scored], kind: str | None) -> dict[str, dict[str, int]]:
    """How many of the found articles are of each kind and tag; tags of the asked kind only."""
    kinds: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    for hit in found:
        entry = view.register.entries[hit.place.number]
        kinds[entry.kind] += 1
        if kind is None or entry.kind == kind:
            tags.update(entry.tags)
    return {"kind": dict(kinds.most_common()), "tag": dict(tags.most_common())}
