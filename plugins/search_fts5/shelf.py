"""The index as one connection sees it at one commit, in the form that `kb.search` works with."""

from __future__ import annotations

import json
import math
import sqlite3
from array import array
from functools import cached_property

from kb.search.packing import Boosts
from kb.search.segment import Article, Entry, reading, squeeze
from kb.search.whoosh_codec import Postings
from plugins.search_fts5.rows import read_article, read_entry

_LEAST_IDF = 1e-6
"""What FTS5 takes for the idf of a term that stands in half of all articles or more."""


class Register:
    """What is kept in memory of every article between two commits; shared by all threads."""

    def __init__(self, key: tuple[str, int], connection: sqlite3.Connection) -> None:
        self.key = key
        with reading():
            rows = connection.execute("SELECT number, meta FROM articles ORDER BY number")
            self.rows: list[int] = []
            self.entries: list[Entry] = []
            for row, meta in rows:
                self.rows.append(row)
                self.entries.append(read_entry(meta))
        self.numbers = {row: number for number, row in enumerate(self.rows)}
        """SQLite's row → place in `entries`."""
        self.ids = {entry.id: number for number, entry in enumerate(self.entries)}

    @cached_property
    def codes(self) -> list[tuple[int, str, bool]]:
        """See `kb.search.snapshot.View.codes`."""
        return [
            (number, squeeze(entry.code), len(entry.code.split()) == 1)
            for number, entry in enumerate(self.entries)
            if entry.code
        ]


class Shelf:
    """A `kb.search.snapshot.View` of all articles; for one call, inside one transaction."""

    def __init__(self, register: Register, connection: sqlite3.Connection, boosts: Boosts) -> None:
        self._register = register
        self._connection = connection
        self._boosts = boosts
        self._strengths: dict[str, tuple[list[int], list[float]]] = {}

    @property
    def id(self) -> str:
        return self._register.key[0]

    @property
    def count(self) -> int:
        return len(self._register.entries)

    @property
    def entries(self) -> list[Entry]:
        return self._register.entries

    @property
    def codes(self) -> list[tuple[int, str, bool]]:
        return self._register.codes

    def frequency(self, term: str) -> int:
        """In how many articles `term` stands."""
        if term in self._strengths:
            return len(self._strengths[term][0])
        with reading():
            ((count,),) = self._connection.execute(
                "SELECT count(*) FROM terms WHERE terms MATCH ?", [_quoted(term)]
            )
        return int(count)

    def strengths(self, term: str) -> tuple[list[int], list[float]]:
        """Numbers of the articles with `term`, and BM25 of each without the idf.

        FTS5's own idf is nothing for a term in half of all articles, and a small library would
        be found in no order at all; so it is taken out, and the ranking puts Lucene's in.
        """
        found = self._strengths.get(term)
        if found is None:
            boosts = self._boosts
            with reading():
                rows = self._connection.execute(
                    "SELECT rowid, bm25(terms, ?, ?, ?, ?) FROM terms WHERE terms MATCH ?",
                    [boosts.body, boosts.headings, boosts.labels, boosts.title, _quoted(term)],
                ).fetchall()
                numbers = [self._register.numbers[row] for row, _ in rows]
            size = len(rows)
            idf = math.log((self.count - size + 0.5) / (size + 0.5))
            scale = -1 / (idf if idf > 0 else _LEAST_IDF)
            found = self._strengths[term] = (numbers, [score * scale for _, score in rows])
        return found

    def postings(self, term: str) -> Postings:
        """Numbers of the articles with `term`; the counts stay with FTS5 and are given as 0."""
        numbers = self.strengths(term)[0]
        return array("I", numbers), array("B", bytes(len(numbers)))

    def wholes(self, term: str) -> list[int]:
        """Numbers of the articles with this whole title or heading (`whole_terms`)."""
        with reading():
            rows = self._connection.execute("SELECT number FROM wholes WHERE term = ?", [term])
            return [self._register.numbers[row] for (row,) in rows]

    def article(self, number: int) -> Article:
        with reading():
            return read_article(self._blob("sections", number))

    def outline(self, number: int) -> list[tuple[str, str]]:
        with reading():
            return [(anchor, text) for anchor, text in json.loads(self._blob("outline", number))]

    def _blob(self, column: str, number: int) -> bytes:
        # `column` is one of two words written in this file.
        query = f"SELECT {column} FROM articles WHERE number = ?"  # noqa: S608
        ((found,),) = self._connection.execute(query, [self._register.rows[number]]).fetchall()
        return bytes(found)

    def close(self) -> None:
        self._connection.close()


def _quoted(term: str) -> str:
    """`term` as FTS5's query language takes it literally; no analysed term has a quote in it."""
    return f'"{term}"'
