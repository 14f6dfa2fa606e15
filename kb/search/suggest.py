"""Titles and headings while they are being typed, and the word that was probably meant."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from difflib import get_close_matches
from typing import NamedTuple

from kb.search.snapshot import Place, Snapshot
from kb.text import analyse, fold

_LINES_LOOKED_AT = 400
_LATIN = re.compile("[a-z][a-z0-9_-]{2,}")


class Line(NamedTuple):
    """A title, or a heading with its anchor."""

    place: Place
    text: str
    anchor: str


class TitleTable:
    """All titles and headings of a snapshot as one folded string, searched at C speed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        titles: list[Line] = []
        headings: list[Line] = []
        for i, part in enumerate(snapshot.parts):
            for number, entry in part.live():
                place = Place(i, number)
                titles.append(Line(place, entry.title, ""))
                headings += [Line(place, h, a) for a, h in part.view.outline(number)]
        self.lines = titles + headings
        self._titles = len(titles)
        self._starts: list[int] = []
        folded = []
        at = 1
        for line in self.lines:
            self._starts.append(at)
            text = " ".join(fold(line.text).split())
            folded.append(text)
            at += len(text) + 1
        self._text = "\n" + "\n".join(folded) + "\n"

    def _containing(self, word: str, start: int = 0) -> list[int]:
        found: list[int] = []
        at = self._text.find(word, start)
        while at >= 0 and len(found) < _LINES_LOOKED_AT:
            found.append(bisect_right(self._starts, at if word[0] != "\n" else at + 1) - 1)
            at = self._text.find("\n", at + 1)  # one match a line is enough
            at = self._text.find(word, at) if at >= 0 else -1
        return found

    def _line(self, number: int) -> str:
        start = self._starts[number]
        return self._text[start : self._text.index("\n", start)]

    def find(self, typed: str, limit: int, spaces: frozenset[str] | None) -> list[Line]:
        """Lines that begin with what is typed, then that contain it, then all of its words."""
        wanted = " ".join(fold(typed[:64]).split())
        if not wanted:
            return []
        words = sorted(set(wanted.split()), key=len, reverse=True)
        ranked: dict[int, None] = dict.fromkeys(self._containing("\n" + wanted))
        if len(ranked) < _LINES_LOOKED_AT:
            ranked |= dict.fromkeys(self._containing(wanted))
        if len(words) > 1:
            ranked |= dict.fromkeys(
                number
                for number in self._containing(words[0])
                if all(word in self._line(number) for word in words[1:])
            )
        found: list[Line] = []
        seen: set[tuple[Place, str]] = set()
        for number in ranked:
            line = self.lines[number]
            if spaces is not None and self._snapshot.entry(line.place).space not in spaces:
                continue
            if (line.place, line.text) in seen:
                continue
            seen.add((line.place, line.text))
            found.append(line)
            if len(found) == limit:
                break
        return found

    def meant(self, typed: str, spaces: frozenset[str] | None) -> str | None:
        """A query that would find something, when `typed` finds nothing; else None.

        Latin words are replaced by the nearest one of a title or heading; a Chinese query gives
        the title that shares most pairs of characters with it. Only what `spaces` may show.
        """
        visible = [
            (line.text, fold(line.text))
            for line in self.lines
            if spaces is None or self._snapshot.entry(line.place).space in spaces
        ]
        folded = fold(typed)
        vocabulary = Counter(w for _, text in visible for w in _LATIN.findall(text))
        better = _LATIN.sub(
            lambda m: next(iter(get_close_matches(m.group(), vocabulary, 1, 0.7)), m.group()),
            folded,
        )
        if better != folded:
            return better
        pairs = {term for term in analyse(typed, "query") if len(term) > 1}
        best, title = 0, None
        for line, text in visible:
            shared = sum(pair in text for pair in pairs)
            if shared > best and text != folded:
                best, title = shared, line
        return title
