"""The index as it stood at one commit, shared by all threads of a process."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple, Protocol

from kb.search.segment import Article, Entry
from kb.search.whoosh_codec import Postings


class View(Protocol):
    """Some articles of an index, numbered from 0: a segment, or whatever another engine keeps."""

    @property
    def id(self) -> str:
        """Tells this view from others of the index."""

    @property
    def count(self) -> int:
        """How many articles, deleted ones too."""

    @property
    def entries(self) -> list[Entry]:
        """What is known of each article, by number."""

    @property
    def codes(self) -> list[tuple[int, str, bool]]:
        """(number, its error code squeezed, whether the code is one word)."""

    def postings(self, term: str) -> Postings:
        """Numbers of the articles with `term`, and its packed counts in each."""

    def article(self, number: int) -> Article:
        """The sections of one article and their folded text."""

    def outline(self, number: int) -> list[tuple[str, str]]:
        """(anchor, heading) of every section of one article that has a heading."""

    def close(self) -> None:
        """Let go of what is open."""


class Part(NamedTuple):
    """A view and which of its articles are gone."""

    view: View
    deleted: frozenset[int]

    def live(self) -> Iterator[tuple[int, Entry]]:
        """(number, entry) of every article that is still there."""
        return ((n, e) for n, e in enumerate(self.view.entries) if n not in self.deleted)


class Place(NamedTuple):
    """Where an article is in a snapshot."""

    part: int
    number: int


class Snapshot:
    """All parts of the index at one commit. `key` changes with every commit and rebuild."""

    def __init__(self, key: tuple[str, int], parts: tuple[Part, ...]) -> None:
        self.key = key
        self.parts = parts
        self.total = sum(part.view.count for part in parts)
        """Documents counted for the statistics, deleted ones too, as the segments count them."""

    @cached_property
    def places(self) -> dict[str, Place]:
        """Article id → place."""
        return {
            entry.id: Place(i, number)
            for i, part in enumerate(self.parts)
            for number, entry in part.live()
        }

    @cached_property
    def average(self) -> tuple[float, float, float, float]:
        """Mean number of terms in body, headings, labels and title; never zero."""
        sums = [0, 0, 0, 0]
        for part in self.parts:
            for entry in part.view.entries:
                for i, length in enumerate(entry.lengths):
                    sums[i] += length
        body, headings, labels, title = (max(s / (self.total or 1), 1.0) for s in sums)
        return body, headings, labels, title

    def body_norms(self, k1: float, b: float) -> list[list[float]]:
        """BM25's k1·(1 − b + b·length/average) of every body, by part and document."""
        norms = self.__dict__.setdefault("_norms", {})
        if (k1, b) not in norms:
            mean = self.average[0]
            norms[k1, b] = [
                [k1 * (1 - b + b * entry.lengths[0] / mean) for entry in part.view.entries]
                for part in self.parts
            ]
        found: list[list[float]] = norms[k1, b]
        return found

    def frequency(self, term: str) -> int:
        """In how many documents `term` stands."""
        return sum(len(part.view.postings(term)[0]) for part in self.parts)

    def idf(self, frequency: int) -> float:
        """Inverse document frequency in Lucene's form, which is never negative."""
        return math.log(1 + (self.total - frequency + 0.5) / (frequency + 0.5))

    def entry(self, place: Place) -> Entry:
        """What is known of the article at `place`."""
        return self.parts[place.part].view.entries[place.number]
