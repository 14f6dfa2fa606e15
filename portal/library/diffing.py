"""What changed between two texts, line by line and inside a line word by word.

A word is one 汉字, or a run of letters and digits; so a Chinese sentence with one word replaced
shows that word, not the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"[A-Za-z0-9_.]+|\s+|.", re.DOTALL)
CONTEXT = 3
WORK = 2_000_000
"""Pairs of words compared before the rest is shown by whole lines: keeps the worst case at about
a second."""


@dataclass(frozen=True)
class Piece:
    """A run of text: ``"same"``, ``"add"`` or ``"del"``."""

    op: str
    text: str


@dataclass(frozen=True)
class Line:
    """A line of the comparison: same, add, del, change, or skip (`count` lines are left out)."""

    op: str
    pieces: tuple[Piece, ...] = ()
    count: int = 0


def words(text: str) -> list[str]:
    """The words of `text`, blanks included; joined they give `text` again."""
    return _WORDS.findall(text)


def compare(old: str, new: str, *, context: int = CONTEXT) -> list[Line]:
    """The comparison of two texts, empty when they are equal; long unchanged stretches are left
    out.
    """
    if old == new:
        return []
    lines: list[Line] = []
    before, after = old.split("\n"), new.split("\n")
    work = WORK
    for op, a, b, c, d in _matcher(before, after).get_opcodes():
        if op == "equal":
            lines += [Line("same", (Piece("same", text),)) for text in before[a:b]]
            continue
        paired = min(b - a, d - c)
        for was, now in zip(before[a : a + paired], after[c : c + paired], strict=True):
            one, two = words(was), words(now)
            work -= len(one) * len(two)
            pieces = tuple(_pieces(one, two)) if work > 0 else ()
            if _alike(pieces, was, now):
                lines.append(Line("change", pieces))
            else:
                lines += [Line("del", (Piece("del", was),)), Line("add", (Piece("add", now),))]
        lines += [Line("del", (Piece("del", text),)) for text in before[a + paired : b]]
        lines += [Line("add", (Piece("add", text),)) for text in after[c + paired : d]]
    return list(_shorten(lines, context))


def _matcher(old: list[str], new: list[str]) -> SequenceMatcher[str]:
    # Thousands of equal lines (blank ones, table rules) would make the search quadratic.
    return SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > 2000)


def _alike(pieces: tuple[Piece, ...], old: str, new: str) -> bool:
    """False for lines with little in common: shown word by word they would be a riddle."""
    shared = sum(len(piece.text.strip()) for piece in pieces if piece.op == "same")
    return shared * 5 >= len(old.strip()) + len(new.strip())


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for op, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            yield Piece("same", "".join(old[a:b]))
            continue
        if b > a:
            yield Piece("del", "".join(old[a:b]))
        if d > c:
            yield Piece("add", "".join(new[c:d]))


def _shorten(lines: list[Line], context: int) -> Iterator[Line]:
    near = [False] * len(lines)
    for index, line in enumerate(lines):
        if line.op != "same":
            for close in range(max(0, index - context), min(len(lines), index + context + 1)):
                near[close] = True
    skipped = 0
    for line, shown in zip(lines, near, strict=True):
        if shown:
            if skipped:
                yield Line("skip", count=skipped)
                skipped = 0
            yield line
        else:
            skipped += 1
    if skipped:
        yield Line("skip", count=skipped)


def merge(base: str, mine: str, theirs: str) -> tuple[str, int]:
    """Both changes to `base` in one text, and how many places contradict each other.

    At such a place both versions stand, mine first, between marker lines. Three-way merge as in
    Khanna, Kunal & Pierce, "A Formal Investigation of Diff3", FSTTCS 2007, with lines as units.
    """
    o, a, b = base.split("\n"), mine.split("\n"), theirs.split("\n")
    in_a, in_b = _matches(o, a), _matches(o, b)
    merged: list[str] = []
    conflicts = at_o = at_a = at_b = 0
    while True:
        # The next line of the base that stands unchanged in both, and where.
        stable = next((i for i in range(at_o, len(o)) if i in in_a and i in in_b), len(o))
        to_a = in_a[stable] if stable < len(o) else len(a)
        to_b = in_b[stable] if stable < len(o) else len(b)
        old, one, two = o[at_o:stable], a[at_a:to_a], b[at_b:to_b]
        if one == two or two == old:
            merged += one
        elif one == old:
            merged += two
        else:
            conflicts += 1
            merged += [MINE, *one, MIDDLE, *two, THEIRS]
        if stable == len(o):
            return "\n".join(merged), conflicts
        merged.append(o[stable])
        at_o, at_a, at_b = stable + 1, to_a + 1, to_b + 1


MINE, MIDDLE, THEIRS = "<<<<<<< 我写的", "=======", ">>>>>>> 别人写的"


def _matches(old: list[str], new: list[str]) -> dict[int, int]:
    blocks = _matcher(old, new).get_matching_blocks()
    return {block.a + k: block.b + k for block in blocks for k in range(block.size)}
