"""What an author hands in: its form, its limits, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.problems import N_, Problem, ProblemError
from kb.slugs import is_slug
from portal.contributions import ContentField, ContentKind

BODY_BYTES = 1_000_000
TITLE, SUMMARY, TAG, TAGS, SERIES, FIELD, NOTE, SLUG = 200, 400, 40, 20, 120, 4000, 300, 200
FIGURES = 20


@dataclass(frozen=True)
class Words:
    """The words of a revision, as an author or an import gives them."""

    title: str
    body: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    series: str = ""
    series_order: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


class Invalid(Exception):
    """What was handed in cannot be kept; `problems` names each field and what is wrong with it."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


def tidy(words: Words, kind: ContentKind) -> Words:
    """The same words without stray blanks, doubled tags, and fields the kind does not have."""
    tags = dict.fromkeys(" ".join(_plain(tag).split()) for tag in words.tags)
    tags.pop("", None)
    wanted = {f.name: f for f in kind.fields}
    return Words(
        title=" ".join(_plain(words.title).split()),
        body=_plain(words.body.replace("\r\n", "\n").replace("\r", "\n")),
        summary=" ".join(_plain(words.summary).split()),
        tags=tuple(tags),
        series=" ".join(_plain(words.series).split()),
        series_order=words.series_order,
        fields={
            name: _plain(value.replace("\r\n", "\n")).strip() if isinstance(value, str) else value
            for name, value in words.fields.items()
            if name in wanted and value not in ("", None, [])
        },
        note=" ".join(_plain(words.note).split()),
    )


def _plain(text: str) -> str:
    # PostgreSQL refuses NUL in text, and nobody types it on purpose.
    return text.replace("\0", "")


def check(words: Words, kind: ContentKind) -> None:
    """Raises Invalid naming every field that cannot be kept, and JS-2003 for too long a body."""
    check_size(words.body)
    problems: dict[str, Problem] = {}
    if not words.title:
        problems["title"] = _wrong(N_("请填写标题"))
    for name, text, label, limit in (
        ("title", words.title, N_("标题"), TITLE),
        ("summary", words.summary, N_("摘要"), SUMMARY),
        ("series", words.series, N_("系列"), SERIES),
        ("note", words.note, N_("修改说明"), NOTE),
    ):
        if len(text) > limit:
            problems[name] = _too_long(label, len(text), limit)
    if len(words.tags) > TAGS:
        problems["tags"] = _wrong(N_("标签最多 %(limit)s 个"), limit=TAGS)
    long_tag = next((tag for tag in words.tags if len(tag) > TAG), None)
    if long_tag is not None:
        problems["tags"] = _wrong(
            N_("标签“%(tag)s…”太长，最多 %(limit)s 个字"), tag=long_tag[:12], limit=TAG
        )
    if not 0 <= words.series_order <= 9999:
        problems["series_order"] = _wrong(N_("系列中的序号请填 0 到 9999 的整数"))
    for wanted in kind.fields:
        problem = _check_field(wanted, words.fields.get(wanted.name))
        if problem:
            problems[wanted.name] = problem
    if problems:
        raise Invalid(problems)


def _check_field(wanted: ContentField, value: Any) -> Problem | None:
    if value is None:
        return _wrong(N_("请填写%(field)s"), field=wanted.label) if wanted.required else None
    if wanted.type == "figures":
        return _check_figures(wanted, value)
    if not isinstance(value, str):
        return _wrong(N_("%(field)s应当是文字"), field=wanted.label)
    if len(value) > FIELD:
        return _too_long(wanted.label, len(value), FIELD)
    return None


def _check_figures(wanted: ContentField, value: Any) -> Problem | None:
    if not isinstance(value, list) or len(value) > FIGURES:
        return _wrong(N_("%(field)s最多 %(limit)s 行"), field=wanted.label, limit=FIGURES)
    for number, figure in enumerate(value, 1):
        if not isinstance(figure, dict) or not str(figure.get("name", "")).strip():
            return _wrong(N_("%(field)s第 %(row)s 行没有名称"), field=wanted.label, row=number)
        for key in ("before", "after"):
            if not is_number(figure.get(key)):
                return _wrong(
                    N_("%(field)s第 %(row)s 行的前、后两项要是数字"), field=wanted.label, row=number
                )
    return None


def is_number(value: Any) -> bool:
    """A finite number that is not a truth value."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e15  # also refuses NaN and infinity
    )


def check_size(body: str) -> None:
    """Raises ProblemError JS-2003 for a body of more than `BODY_BYTES`."""
    size = len(body.encode("utf-8", "surrogatepass"))
    if size > BODY_BYTES:
        raise ProblemError(
            Problem(
                "JS-2003",
                N_("正文有 %(size)s KB，超过了 %(limit)s KB"),
                N_("把正文分成几篇，用系列连起来；图片请上传，不要嵌在正文里"),
                params={"size": -(-size // 1000), "limit": BODY_BYTES // 1000},
            )
        )


def _wrong(message: str, **params: Any) -> Problem:
    return Problem("", message, "", params=params)


def _too_long(label: str, length: int, limit: int) -> Problem:
    return _wrong(
        N_("%(field)s有 %(length)s 个字，最多 %(limit)s 个字"),
        field=label,
        length=length,
        limit=limit,
    )


def check_slug(slug: str) -> None:
    """Raises Invalid unless `slug` can stand in an address."""
    if len(slug) > SLUG or not is_slug(slug):
        problem = _wrong(
            N_("网址名只能用小写字母、数字、汉字和“-”，用“/”分层，最多 %(limit)s 个字"), limit=SLUG
        )
        raise Invalid({"slug": problem})


def parse_figures(text: str) -> list[dict[str, Any]]:
    """Figures from lines such as ``平均周期 | 31 | 11 | 天 | lower``; what cannot be read as a
    number stays as typed, so that `check` can name the line and the author finds it again.
    """
    figures: list[dict[str, Any]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.replace("｜", "|").split("|")]
        cells += [""] * (5 - len(cells))
        figures.append(
            {
                "name": cells[0],
                "before": _number(cells[1]),
                "after": _number(cells[2]),
                "unit": cells[3],
                "better": cells[4] if cells[4] in {"lower", "higher"} else "",
            }
        )
    return figures


def _number(text: str) -> int | float | str:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def figure_lines(figures: Any) -> str:
    """Figures as the lines that `parse_figures` reads."""
    if not isinstance(figures, list):
        return ""
    keys = ("name", "before", "after", "unit", "better")
    return "\n".join(
        " | ".join(str(figure.get(key, "")) for key in keys).rstrip(" |")
        for figure in figures
        if isinstance(figure, dict)
    )
