"""Callouts as written for MkDocs (``!!! tip``), GitHub (``[!TIP]``) and Docusaurus (``:::tip``)."""

from __future__ import annotations

import re

from kb.markup.vocabulary import CALLOUT_ALIASES, CALLOUT_TITLES, callout_type

CALLOUT = re.compile(r"(!!!|\?\?\?\+?)[ \t]*([^\W\d][\w-]*)[ \t]*(.*)$")
DIRECTIVE = re.compile(r"(:{3,})[ \t]*([^\W\d][\w-]*)[ \t]*(?:\[(.*?)\])?[ \t]*(.*)$")
ALERT = re.compile(r"\[!([A-Za-z]+)\]([+-]?)[ \t]*(.*)$")
_QUOTES = '"“「'


def is_callout_word(word: str) -> bool:
    """Whether `word` names a type of callout."""
    key = word.lower()
    return key in CALLOUT_TITLES or key in CALLOUT_ALIASES or key == "details"


def is_callout(callout: re.Match[str]) -> bool:
    """Whether ``!!! word …`` is a callout and not just an exclamation ("!!!真的")."""
    marks, word, rest = callout.groups()
    after = callout[0][len(marks) :]
    if is_callout_word(word):
        return not rest or after[0] == " " or rest[0] in _QUOTES
    return word.isascii() and after[0] == " " and (not rest or rest[0] in _QUOTES)


def opening_line(marker: str, word: str, rest: str) -> str:
    """The first line of a callout, with its type and title spelled out."""
    kind = callout_type(word)
    rest = rest.strip()
    quoted = re.fullmatch(r'(?:[A-Za-z]+[ \t]+)*["“「](.*)["”」]', rest)
    if quoted:
        title = quoted[1].strip()
    else:
        # MkDocs places callouts with "inline" and "end"; there is no such thing here.
        title = re.sub(r"^(?:(?:inline|end)\b[ \t]*)+", "", rest) or CALLOUT_TITLES[kind]
        if not rest and word.lower() == "details":
            title = "详情"
    return f'{marker} {kind} "{title}"'
