"""What goes into a search engine and what comes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from kb.document import Section


@dataclass(frozen=True)
class SearchDocument:
    """One article as the index sees it. `id` is the article's stable id, as text."""

    id: str
    kind: str
    title: str
    sections: tuple[Section, ...] = ()
    summary: str = ""
    tags: tuple[str, ...] = ()
    code: str = ""
    """The error code of a troubleshooting guide, if any."""
    space: str = ""
    """Id of the space, as text: results are filtered by it."""
    author: str = ""
    updated: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    """Stored with the document and handed back in hits unchanged (url, source, …)."""


@dataclass(frozen=True)
class Query:
    """A parsed query. `terms` are words as typed; phrases and filters are taken out of them."""

    raw: str
    text: str = ""
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    spaces: frozenset[str] | None = None
    """Only these spaces; None means all (for an administrator's tools, never for a page)."""

    @property
    def is_empty(self) -> bool:
        """True when nothing is asked for: no words, no phrase and no filter."""
        filters = self.kinds or self.tags or self.authors or self.after or self.before
        return not (self.text or self.phrases or filters)


@dataclass(frozen=True)
class Hit:
    """One article found, with the section that answers best.

    `snippet` is HTML: escaped text in which only ``<mark>`` elements stand.
    """

    id: str
    kind: str
    title: str
    title_html: str
    anchor: str
    heading: str
    path: tuple[str, ...]
    snippet: str
    score: float
    tags: tuple[str, ...] = ()
    updated: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """A page of hits. `total` and `facets` count every article found, not only this page."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Facet name (``kind``, ``tag``) → value → number of articles."""
    did_you_mean: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """A title (or heading) offered while typing."""

    text: str
    id: str
    kind: str
    anchor: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class IndexStats:
    """How the index stands: number of articles, bytes on disk, version of the analysis in it."""

    documents: int
    bytes: int
    version: str


class IndexUnavailable(Exception):
    """The index is missing, damaged, or of another version; a rebuild mends it."""


class IndexWriter(Protocol):
    """A batch of changes, visible to readers when its ``with`` block ends without error."""

    def add(self, document: SearchDocument) -> None:
        """Add `document`, or replace the one with its id."""

    def delete(self, id: str) -> None:
        """Forget the document with this id; an unknown id is not an error."""


@runtime_checkable
class SearchEngine(Protocol):
    """What every engine answers. One contract test-suite runs against each of them.

    Readers and one writer at a time, in several processes. No query text ever raises.
    """

    def writer(self) -> AbstractContextManager[IndexWriter]:
        """Open the one writer, waiting for another process's to close (at most 30 s)."""

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Build beside the live index, swap it in, give the number of articles."""

    def search(
        self, query: Query, *, limit: int = 10, offset: int = 0, kind: str | None = None
    ) -> Results:
        """Articles, best first. `kind` narrows the hits but not the ``kind`` facet.

        Raises IndexUnavailable.
        """

    def suggest(
        self, text: str, *, limit: int = 8, spaces: frozenset[str] | None = None
    ) -> Sequence[Suggestion]:
        """Titles and headings that begin with or contain what is being typed."""

    def related(
        self, id: str, *, limit: int = 5, spaces: frozenset[str] | None = None
    ) -> Sequence[Hit]:
        """Articles about the same things as the article with this id."""

    def ids(self) -> Iterator[tuple[str, str]]:
        """Every (id, content fingerprint) in the index, to find drift from the database."""

    def stats(self) -> IndexStats:
        """Raises IndexUnavailable when the index cannot be opened."""


def fingerprint(document: SearchDocument) -> str:
    """A short stable hash of everything in `document` that the index depends on."""
    import hashlib

    parts: list[Any] = [
        document.kind,
        document.title,
        document.summary,
        document.tags,
        document.code,
        document.space,
        document.author,
        document.updated,
        sorted(document.extra.items()),
        [(s.anchor, s.heading, s.level, s.path, s.text) for s in document.sections],
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
