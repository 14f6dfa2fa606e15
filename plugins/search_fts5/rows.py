"""How an article lies in the tables, and the way back."""

from __future__ import annotations

import json
import sqlite3
import zlib

from kb.document import Section
from kb.search.model import SearchDocument
from kb.search.packing import unpack
from kb.search.segment import (
    META,
    OUTLINE,
    SECTIONS,
    TERMS,
    WHOLE_HEADING,
    WHOLE_TITLE,
    Article,
    Entry,
    fields,
    reading,
)
from kb.text import fold


def read_entry(meta: bytes) -> Entry:
    """What was written as an article's meta."""
    row = json.loads(meta)
    return Entry._make((*row[:6], tuple(row[6]), *row[7:9], tuple(row[9]), row[10]))


def read_article(data: bytes) -> Article:
    """What was written as an article's sections."""
    summary, rows = json.loads(zlib.decompress(data))
    sections = tuple(
        Section(anchor, heading, level, tuple(path), text)
        for anchor, heading, level, path, text in rows
    )
    texts = tuple(fold(section.text) for section in sections)
    return Article(summary, sections, texts, tuple(fold(section.heading) for section in sections))


def columns(terms: dict[str, int]) -> tuple[list[str], tuple[str, str, str, str]]:
    """The whole-title and whole-heading terms, and the text of the four columns of FTS5."""
    parts: tuple[list[str], ...] = ([], [], [], [])
    wholes = []
    for term, packed in terms.items():
        if term.startswith((WHOLE_TITLE, WHOLE_HEADING)):
            wholes.append(term)
            continue
        for part, count in zip(parts, unpack(packed), strict=True):
            part += [term] * count
    body, headings, labels, title = (" ".join(part) for part in parts)
    return wholes, (body, headings, labels, title)


class Writer:
    """Changes inside an open transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, document: SearchDocument) -> None:
        self.delete(document.id)
        row = fields(document)
        wholes, texts = columns(row[TERMS])
        execute = self._connection.execute
        with reading():
            number = execute(
                "INSERT INTO articles (id, meta, outline, sections) VALUES (?, ?, ?, ?)",
                [document.id, row[META], row[OUTLINE], row[SECTIONS]],
            ).lastrowid
            execute(
                "INSERT INTO terms (rowid, body, headings, labels, title) VALUES (?, ?, ?, ?, ?)",
                [number, *texts],
            )
            for term in wholes:
                execute("INSERT INTO wholes VALUES (?, ?)", [term, number])

    def delete(self, id: str) -> None:
        with reading():
            found = self._connection.execute(
                "SELECT number, meta, sections FROM articles WHERE id = ?", [id]
            ).fetchone()
            if found is None:
                return
            number, meta, sections = found
            # A table without content has to be told what it forgets.
            _, texts = columns(fields(_restored(read_entry(meta), read_article(sections)))[TERMS])
            self._connection.execute(
                "INSERT INTO terms (terms, rowid, body, headings, labels, title)"
                " VALUES ('delete', ?, ?, ?, ?, ?)",
                [number, *texts],
            )
            self._connection.execute("DELETE FROM wholes WHERE number = ?", [number])
            self._connection.execute("DELETE FROM articles WHERE number = ?", [number])


def _restored(entry: Entry, article: Article) -> SearchDocument:
    """The parts of a document that its terms come from, as they were indexed."""
    return SearchDocument(
        id=entry.id,
        kind=entry.kind,
        title=entry.title,
        sections=article.sections,
        summary=article.summary,
        tags=entry.tags,
        code=entry.code,
    )
