"""Hiding the code in a Markdown text, so that the rest can be searched with plain patterns.

Hidden characters are replaced one for one, line ends stay: positions in the hidden text are
positions in the text.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable

CODE = "\0"
"""Stands for a character of code or of a comment."""
PLAIN = "\1"
"""Stands for a character that has lost its special meaning."""

_FENCE = re.compile(r"^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t>]++)*+(`{3,}+(?!.*`)|~{3,}+)")
_FENCE_END = re.compile(r"^[ \t>]*+(`{3,}+|~{3,}+)[ \t\r]*+$")
# What holds indented text that is not code: lists, admonitions, tabs, notes, definitions, HTML.
_CONTAINER = re.compile(
    r"[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])(?=\s)|!!!|\?\?\?|===|\[\^[^\]]*\]:|:[ \t]|</?[A-Za-z!])"
)
_INDENT = re.compile(r"(?: {4}| {0,3}\t)")
_TICKS = re.compile(r"`+|\n(?=[ \t>\r]*(?:\n|[-*+] |\d{1,9}[.)] |#|\||:::|!!!|$))")
_RAW = re.compile(r"<(?:!--|(pre|code|script|style|textarea|xmp)(?=[\s>]))", re.I)
_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]")


def hide(text: str, spans: Iterable[tuple[int, int]], only: str = "") -> str:
    """`text` with the characters of the sorted `spans`, or `only` some of them, made plain."""
    pattern = f"[{re.escape(only)}]" if only else rf"[^\n{CODE}]"
    return _replaced(text, spans, pattern, PLAIN)


def hide_escapes(text: str) -> str:
    """`text` with backslash escapes made plain."""
    return _ESCAPE.sub(PLAIN * 2, text)


def hide_code(text: str) -> str:
    """`text` without fenced, indented and inline code, HTML comments and verbatim elements."""
    text = _replaced(text, _code_blocks(text), r"[^\n]", CODE)
    text = _replaced(text, _code_spans(text), r"[^\n]", CODE)
    return _replaced(text, _raw_html(text), r"[^\n]", CODE)


def _replaced(text: str, spans: Iterable[tuple[int, int]], pattern: str, by: str) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += (text[at:start], re.sub(pattern, by, text[start:end]))
        at = end
    return "".join([*pieces, text[at:]])


def _code_blocks(text: str) -> list[tuple[int, int]]:
    """Fenced blocks, and indented ones where nothing is open that would hold indented text."""
    lines = text.split("\n")
    fences = _FenceEnds(lines)
    spans: list[tuple[int, int]] = []
    start = 0  # position of the line
    fenced_until = -1  # number of the line that ends the fence
    in_container = False
    after_blank = True
    for number, line in enumerate(lines):
        end = start + len(line)
        if number <= fenced_until:
            spans.append((start, end))
        elif fence := _FENCE.match(line):
            fenced_until = fences.after(number, fence[1])
            if fenced_until > number:
                spans.append((start + fence.start(1), end))
            after_blank = False
        elif not line.strip(" \t>\r"):
            after_blank = True
        elif _INDENT.match(line):
            if in_container:
                after_blank = False
            elif after_blank:
                spans.append((start, end))  # and so is the next line, as `after_blank` stays
        else:
            if _CONTAINER.match(line):
                in_container = True
            elif after_blank or line.startswith("#"):
                in_container = False
            after_blank = False
        start = end + 1
    return spans


class _FenceEnds:
    """Finds the line that closes a fence without looking at any line twice."""

    def __init__(self, lines: list[str]) -> None:
        matches = ((number, _FENCE_END.match(line)) for number, line in enumerate(lines))
        self._ends = [(number, match[1]) for number, match in matches if match]
        self._numbers = [number for number, _ in self._ends]
        self._unclosed = {"`": 1 << 30, "~": 1 << 30}

    def after(self, number: int, fence: str) -> int:
        """The number of the line that closes `fence`, opened in line `number`; -1 without one."""
        if len(fence) >= self._unclosed[fence[0]]:
            return -1
        for index in range(bisect.bisect_right(self._numbers, number), len(self._ends)):
            line, end = self._ends[index]
            if end[0] == fence[0] and len(end) >= len(fence):
                return line
        self._unclosed[fence[0]] = len(fence)  # nor will any later or longer one be closed
        return -1


def _code_spans(text: str) -> list[tuple[int, int]]:
    """Inline code: runs of backticks of one length, in one paragraph, cell row or list item."""
    spans: list[tuple[int, int]] = []
    runs: list[tuple[int, int]] = []
    for match in _TICKS.finditer(text):
        if match[0] == "\n":
            spans += _pairs_of_runs(text, runs)
            runs = []
        else:
            runs.append(match.span())
    return spans + _pairs_of_runs(text, runs)


def _pairs_of_runs(text: str, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    by_length: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(runs):
        by_length.setdefault(end - start, []).append(index)
    spans: list[tuple[int, int]] = []
    index = 0
    while index < len(runs):
        start, end = runs[index]
        same = by_length[end - start]
        following = bisect.bisect_right(same, index)
        if following < len(same) and not _is_escaped(text, start):
            index = same[following]
            spans.append((start, runs[index][1]))
        index += 1
    return spans


def _is_escaped(text: str, at: int) -> bool:
    before = at
    while before and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def _raw_html(text: str) -> list[tuple[int, int]]:
    """Comments and elements whose content is shown as it is or not at all."""
    spans: list[tuple[int, int]] = []
    endless: set[str] = set()
    at = 0
    while match := _RAW.search(text, at):
        at = match.end()
        closing = f"</{match[1].lower()}" if match[1] else "-->"
        if closing in endless:
            continue
        end = re.compile(re.escape(closing), re.I).search(text, at)
        if end is None:
            endless.add(closing)
            continue
        at = end.end()
        spans.append((match.start(), at))
    return spans
