"""Captions in WebVTT (W3C Candidate Recommendation, §4 and §6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLOCK = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"[ \t]*{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}(?:[ \t].*)?")
_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
_ASIDE = re.compile(r"(NOTE|STYLE|REGION)(?:[ \t]|$)")


@dataclass(frozen=True)
class Cue:
    """One caption; `start` and `end` in seconds, `text` with its WebVTT tags."""

    start: float
    end: float
    text: str


def parse_vtt(text: str) -> tuple[Cue, ...]:
    """The cues of a WebVTT file, in order.

    Raises `ValueError` with the number of the line (its only argument) that breaks the format: no
    header, a cue without times or that ends before it starts, or a style that loads something.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not _HEADER.fullmatch(lines[0]):
        raise ValueError(1)
    cues: list[Cue] = []
    for start, block in _blocks(lines):
        if aside := _ASIDE.match(block[0]):
            if aside[1] == "STYLE" and re.search(r"url|import|\\", "\n".join(block), re.I):
                raise ValueError(start)
            continue
        at = 0 if "-->" in block[0] else 1  # the first line may be a name
        timing = _TIMING.fullmatch(block[at]) if at < len(block) else None
        content = block[at + 1 :]
        if timing is None or any("-->" in line for line in content):
            raise ValueError(start + at)
        begins, ends = _seconds(*timing.groups()[:4]), _seconds(*timing.groups()[4:])
        if ends <= begins:
            raise ValueError(start + at)
        cues.append(Cue(begins, ends, "\n".join(content)))
    return tuple(cues)


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Runs of lines that are not empty, below the header, with the number of their first line."""
    blocks: list[tuple[int, list[str]]] = []
    current: list[str] = []
    in_header = True
    for number, line in enumerate([*lines, ""], start=1):
        if line:
            current.append(line)
        elif current:
            if not in_header:
                blocks.append((number - len(current), current))
            in_header = False
            current = []
    return blocks


def _seconds(hours: str | None, minutes: str, seconds: str, millis: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(millis) / 1000
