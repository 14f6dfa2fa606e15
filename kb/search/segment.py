"""One Whoosh segment, opened for reading: postings, and what is known of each article in it."""

from __future__ import annotations

import json
import threading
import weakref
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from whoosh.columns import VarBytesColumn
from whoosh.fields import COLUMN, FieldType, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Existence

from kb.document import Section
from kb.search.model import IndexUnavailable, SearchDocument, fingerprint
from kb.search.packing import count_terms
from kb.search.whoosh_codec import Postings
from kb.text import compose, fold

TERMS, META, OUTLINE, SECTIONS = "terms", "meta", "outline", "sections"
WHOLE_TITLE, WHOLE_HEADING = "\x01t", "\x01h"
"""Begin the terms that stand for a whole title or heading; no analysed term begins like this."""

_WHOLE = 48
_CACHED_POSTINGS = 400_000
_CACHED_ARTICLES = 64
_NOTHING: Postings = (array("I"), array("B"))


class Terms(FieldType):  # type: ignore[misc]
    """A field whose value is already a mapping of term → packed counts."""

    indexed = True
    scorable = False
    stored = False
    unique = False
    analyzer = None
    vector = None
    spelling = False
    column_type = None

    def __init__(self) -> None:
        self.format = Existence()

    def index(self, value: dict[str, int], **_: Any) -> Iterator[tuple[bytes, int, int, bytes]]:
        """(term, 1, packed counts, no payload) as Whoosh's writer takes it."""
        return ((term.encode(), 1, packed, b"") for term, packed in value.items())


def schema() -> Schema:
    """One indexed field and three columns."""
    columns = {name: COLUMN(VarBytesColumn()) for name in (META, OUTLINE, SECTIONS)}
    return Schema(**{TERMS: Terms()}, **columns)


class Entry(NamedTuple):
    """What is kept in memory of every article."""

    id: str
    fingerprint: str
    kind: str
    title: str
    space: str
    author: str
    tags: tuple[str, ...]
    code: str
    updated: float | None
    lengths: tuple[int, int, int, int]
    extra: dict[str, str]

    @property
    def when(self) -> datetime | None:
        """The date of the last change, UTC."""
        return None if self.updated is None else datetime.fromtimestamp(self.updated, UTC)


class Article(NamedTuple):
    """What is read only of the articles on the page shown; the last two follow `sections`."""

    summary: str
    sections: tuple[Section, ...]
    folded: tuple[str, ...]
    headings: tuple[str, ...]
    """Folded too."""


def squeeze(text: str) -> str:
    """`text` folded, with only its letters, digits and characters left."""
    return "".join(filter(str.isalnum, fold(text)))


def fields(document: SearchDocument) -> dict[str, Any]:
    """What is written for `document`: its terms and its three columns."""
    terms, lengths = count_terms(document)
    if whole := squeeze(document.title)[:_WHOLE]:
        terms[WHOLE_TITLE + whole] = 1
    for section in document.sections:
        if whole := squeeze(section.heading)[:_WHOLE]:
            terms[WHOLE_HEADING + whole] = 1
    updated = document.updated
    if updated is not None and updated.tzinfo is None:
        updated = updated.replace(tzinfo=UTC)
    meta = Entry(
        document.id, fingerprint(document), document.kind, compose(document.title),
        document.space, document.author, tuple(map(compose, document.tags)),
        compose(document.code), None if updated is None else updated.timestamp(), lengths,
        dict(document.extra),
    )  # fmt: skip
    rows = [(s.anchor, s.heading, s.level, s.path, s.text) for s in document.sections]
    outline = [(s.anchor, compose(s.heading)) for s in document.sections if s.heading]
    return {
        TERMS: terms,
        META: _dump(meta),
        OUTLINE: _dump(outline),
        SECTIONS: zlib.compress(_dump([document.summary, rows]), 3),
    }


def whole_terms(text: str) -> tuple[str, str] | None:
    """The terms of an article titled exactly like `text`, or with such a heading."""
    whole = squeeze(text)[:_WHOLE]
    return (WHOLE_TITLE + whole, WHOLE_HEADING + whole) if whole else None


def _dump(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return compose(text).encode()


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever a damaged or missing file does into IndexUnavailable."""
    try:
        yield
    except IndexUnavailable:
        raise
    except Exception as error:  # a scribbled pickle, array or zip can fail with any exception
        raise IndexUnavailable(f"the search index cannot be read: {error!r}") from error


class Files(FileStorage):  # type: ignore[misc]
    """A folder that knows which of its files are open, so that none stays so after a failure.

    Files are read, not mapped: touching a mapped file that somebody cut short kills the process.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self.opened: list[Any] = []

    def open_file(self, name: str, **options: Any) -> Any:
        """Open an existing file for reading."""
        file = super().open_file(name, **options)
        self.opened.append(file.file)
        return file

    def create_file(self, name: str, **options: Any) -> Any:
        """Create a file for writing."""
        file = super().create_file(name, **options)
        self.opened.append(file.file)
        return file

    def temp_storage(self, name: str | None = None) -> Files:
        """A folder inside, whose files are closed with these."""
        inner = Files(Path(super().temp_storage(name).folder))
        inner.opened = self.opened
        return inner

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *_: object) -> None:
        # Not close(): a Whoosh reader calls that of its storage, which others may still use.
        _close(self.opened)


def _close(files: list[Any]) -> None:
    for file in files:
        with suppress(OSError):  # a write that could not be flushed was part of the failure
            file.close()
    files.clear()


class SegmentView:
    """An immutable part of the index. Safe in several threads; deletions are kept outside."""

    def __init__(self, folder: Path, segment: Any) -> None:
        files = Files(folder)
        self._finalizer = weakref.finalize(self, _close, files.opened)
        with reading():
            codec = segment.codec()
            self.id: str = segment.segment_id()
            self.count: int = segment.doc_count_all()
            self._terms = codec.terms_reader(files, segment)
            documents = codec.per_document_reader(files, segment)
            self._columns = {
                name: documents.column_reader(name, VarBytesColumn())
                for name in (META, OUTLINE, SECTIONS)
            }
            rows = [json.loads(self._columns[META][i]) for i in range(self.count)]
            self.entries = [
                Entry._make((*r[:6], tuple(r[6]), *r[7:9], tuple(r[9]), r[10])) for r in rows
            ]
        self._lock = threading.Lock()
        self._postings: OrderedDict[str, Postings] = OrderedDict()
        self._cached = 0
        self._articles: OrderedDict[int, Article] = OrderedDict()

    def postings(self, term: str) -> Postings:
        """Documents with `term` (deleted ones too) and its packed counts in each."""
        with self._lock:
            found = self._postings.get(term)
            if found is not None:
                self._postings.move_to_end(term)
                return found
            with reading():
                found = self._terms.postings(TERMS, term.encode()) or _NOTHING
                if found[0] and found[0][-1] >= self.count:
                    raise ValueError("posting beyond the last document")
            self._postings[term] = found
            self._cached += len(found[0]) + 1
            while self._cached > _CACHED_POSTINGS:
                _, dropped = self._postings.popitem(last=False)
                self._cached -= len(dropped[0]) + 1
            return found

    def article(self, number: int) -> Article:
        """The sections of one article and their folded text."""
        with self._lock:
            article = self._articles.get(number)
            if article is None:
                with reading():
                    summary, rows = json.loads(zlib.decompress(self._columns[SECTIONS][number]))
                    sections = tuple(
                        Section(anchor, heading, level, tuple(path), text)
                        for anchor, heading, level, path, text in rows
                    )
                folded = tuple(fold(section.text) for section in sections)
                headings = tuple(fold(section.heading) for section in sections)
                article = Article(summary, sections, folded, headings)
                self._articles[number] = article
                if len(self._articles) > _CACHED_ARTICLES:
                    self._articles.popitem(last=False)
            return article

    def outline(self, number: int) -> list[tuple[str, str]]:
        """(anchor, heading) of every section of one article that has a heading."""
        with self._lock, reading():
            return [(a, h) for a, h in json.loads(self._columns[OUTLINE][number])]

    @cached_property
    def codes(self) -> list[tuple[int, str, bool]]:
        """(document, its error code squeezed, whether the code is one word)."""
        return [
            (number, squeeze(entry.code), len(entry.code.split()) == 1)
            for number, entry in enumerate(self.entries)
            if entry.code
        ]

    def close(self) -> None:
        """Close the files now instead of with the last reader."""
        self._finalizer()
