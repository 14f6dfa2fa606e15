"""What people type into the search box, read into a `Query`. Nothing typed is an error."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from kb.search.model import Query
from kb.text import compose, fold

MAX_CHARACTERS = 200
MAX_PARTS = 16
"""Phrases, exclusions or values of one filter that are read; more are ignored."""

KINDS = {
    "常见问题": "faq", "问答": "faq", "教程": "tutorial", "手册": "manual", "操作手册": "manual",
    "排错": "troubleshooting", "故障": "troubleshooting", "故障排查": "troubleshooting",
    "案例": "case",
}  # fmt: skip
"""Chinese names of the kinds → their ids; a plugin's kinds are typed by id."""

_NAMES = {
    "kind": "kind", "类型": "kind", "tag": "tag", "标签": "tag", "author": "author",
    "作者": "author", "after": "after", "之后": "after", "before": "before", "之前": "before",
}  # fmt: skip
_QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』", "＂": "＂"}
_PHRASE = "|".join(f"{o}(?P<q{i}>[^{o}{c}]*){c}" for i, (o, c) in enumerate(_QUOTES.items()))
_PART = re.compile(
    rf"(?P<filter>(?<!\w)(?:{'|'.join(_NAMES)})[:：]) ?(?:\"(?P<quoted>[^\"]*)\"|(?P<value>\S+))"
    rf"|(?:(?<=\s)|^)[-－](?:\"(?P<nophrase>[^\"]+)\"|(?P<without>\w[^\s\"“「]*))"
    rf"|{_PHRASE}",
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?年?$")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")
_WORD = re.compile(r"\w")


def _date(text: str) -> datetime | None:
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def parse_query(raw: str) -> Query:
    """Read "exact phrase", -without, kind:, tag:, author:, after: and before:; all else is words.

    Only the first 200 characters count. Dates are days, months or years, taken as UTC. A filter
    that cannot be read (``after:soon``) stays in the text as words. Never raises.
    """
    typed = " ".join(_UNPRINTABLE.sub(" ", compose(raw[:MAX_CHARACTERS])).split())
    found: dict[str, list[str]] = {
        name: [] for name in ("phrase", "without", "kind", "tag", "author")
    }
    dates: dict[str, datetime] = {}

    def take(match: re.Match[str]) -> str:
        groups = match.groupdict()
        if groups["filter"]:
            name = _NAMES[groups["filter"][:-1].lower()]
            value = (groups["quoted"] or groups["value"] or "").strip()
            if name in ("after", "before"):
                day = _date(value)
                if day is None:
                    return match.group()
                dates[name] = day
                return " "
            if not _WORD.search(value):
                return " "
            value = fold(value)
            found[name].append(KINDS.get(value, value) if name == "kind" else value)
            return " "
        excluded = groups["without"] or groups["nophrase"]
        if excluded:
            found["without"].append(excluded)
            return " "
        phrase = next((groups[f"q{i}"] for i in range(len(_QUOTES)) if groups[f"q{i}"]), "")
        if _WORD.search(phrase):
            found["phrase"].append(phrase.strip())
        return " "

    text = " ".join(_PART.sub(take, typed).split())
    unique = {name: tuple(dict.fromkeys(values))[:MAX_PARTS] for name, values in found.items()}
    return Query(
        raw=raw,
        text=text,
        phrases=unique["phrase"],
        excluded=unique["without"],
        kinds=unique["kind"],
        tags=unique["tag"],
        authors=unique["author"],
        after=dates.get("after"),
        before=dates.get("before"),
    )
