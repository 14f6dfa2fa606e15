"""Limits that keep any text of at most a megabyte quick to render, or refused with the reason.

Python-Markdown and the HTML parser are linear on what people write, but not on what they could
write: deeply nested containers recurse, and unclosed brackets make every opening one look through
the rest of its paragraph. The limits are far above anything in real articles.
"""

from __future__ import annotations

import re

from kb.document import MAX_TEXT
from kb.problems import N_, Problem, ProblemError

MAX_NESTING = 24
"""Block containers inside each other: lists, quotations, callouts, tabs, footnotes."""

MAX_OPEN_TAGS = 500
"""HTML elements typed by the author that are open at the same time."""

MAX_BLOCKS = 30_000
"""Paragraphs, list items and table cells of one document."""

MAX_TABS = 300
"""Tabs of one document."""

MAX_FOOTNOTES = 1_000
"""Footnote marks of one document."""

MAX_ROW_TICKS = 400
"""Back-ticks in one row of a table."""

MAX_WORK = 1_500_000_000
"""Estimated nanoseconds of inline parsing for one document (see `inline_work`)."""

MAX_HIGHLIGHT = 20_000
"""Characters of one code block that are still coloured."""

MAX_HIGHLIGHT_TOTAL = 250_000
"""Characters of code that are coloured in one document; the rest is shown plain."""

MAX_HIGHLIGHT_SECONDS = 0.5
"""Processor time for colouring one document's code: far more than the largest real one takes."""


def check_size(text: str, *, where: str = "") -> None:
    """Raise ProblemError JS-2003 when `text` is longer than `MAX_TEXT` characters."""
    if len(text) > MAX_TEXT:
        raise ProblemError(
            Problem(
                "JS-2003",
                N_("正文有 %(size)d 个字符，超过上限 %(limit)d。"),
                N_("请按主题拆成几篇，互相链接；大段日志或数据请作为附件上传。"),
                where,
                params={"size": len(text), "limit": MAX_TEXT},
            )
        )


_MARKS = re.compile(r"[\\`*_\[\]()!<>&~{]|https?:|  \n")
_TICKS = re.compile(r"`+")
_BRACKETS = re.compile(r"[\[\]]")


def inline_work(text: str) -> int:
    """Roughly the nanoseconds that inline parsing of one run of text takes at worst.

    Measured on Python-Markdown 3.11: each mark costs about 10 µs and a copy of the run; every
    ``[`` is followed to its ``]`` character by character, and ``](`` to its ``)``, by each of four
    patterns; ``{`` makes the attribute list's pattern look through the rest of its line; back-ticks
    look for a run of their own length.
    """
    size = len(text)
    marks = len(_MARKS.findall(text))
    work = marks * (10_000 + size // 5)
    work += brace_work(text)
    if "[" in text:
        work += 260 * _bracket_steps(text)
    if "`" in text:
        lengths = len({len(run) for run in _TICKS.findall(text)})
        work += 60 * (lengths - 1) * size
    return work


def brace_work(text: str) -> int:
    """The part of `inline_work` that even a run without inline marks costs."""
    braces = text.count("{")
    return 4 * braces * len(text) if braces > 1 else 0


def _bracket_steps(text: str) -> int:
    """Characters that are looked at to find the ends of links."""
    size = len(text)
    steps = 0
    opened: list[int] = []
    for match in _BRACKETS.finditer(text):
        position = match.start()
        if match[0] == "[":
            opened.append(position)
            continue
        if opened:
            steps += position - opened.pop()
        if text.startswith("(", position + 1):
            end = text.find(")", position)
            # A quote may begin a title, in which brackets do not count.
            quoted = end > 0 and ('"' in (link := text[position:end]) or "'" in link)
            steps += (
                size if end < 0 or (quoted and text[end - 1] not in "\"'") else end
            ) - position
    return steps + sum(size - position for position in opened)


def too_deep(what: str) -> ProblemError:
    """The error for containers nested deeper than the limits; `what` names them in Chinese."""
    return ProblemError(
        Problem(
            "JS-2003",
            N_("%(what)s嵌套太深，页面无法排版。"),
            N_("请减少嵌套（列表、引用、提示框合计不超过 %(limit)d 层），检查有无没闭合的标签。"),
            params={"what": what, "limit": MAX_NESTING},
        )
    )


def too_complex(excerpt: str) -> ProblemError:
    """The error for a paragraph (beginning with `excerpt`) with too many unpaired marks."""
    return ProblemError(
        Problem(
            "JS-2003",
            N_("段落“%(excerpt)s…”太长或标记符号太多，页面无法排版。"),
            N_("请把它分成几段；若是代码、日志或数据，请放进代码块（前后各一行 ```）。"),
            params={"excerpt": re.sub(r"\s+", " ", excerpt)[:20]},
        )
    )


def too_many_blocks() -> ProblemError:
    """The error for a document with more than `MAX_BLOCKS` blocks."""
    return ProblemError(
        Problem(
            "JS-2003",
            N_("正文的段落、列表项和单元格合计超过 %(limit)d 个。"),
            N_("请按主题拆成几篇，互相链接；大表格请作为附件上传。"),
            params={"limit": MAX_BLOCKS},
        )
    )
