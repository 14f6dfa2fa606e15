"""Front matter: the YAML head of a Markdown file, and the title of the document.

Understands what Jekyll, Hugo and Docusaurus write: a first line ``---``, YAML, and a line ``---``
(or ``...``); or no front matter at all. Aliases are refused (a few hundred bytes of them can stand
for gigabytes), and so are tags for Python objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from kb.document import MAX_TEXT, Document
from kb.problems import N_, Problem, ProblemError

MAX_FRONT = 65_536
"""Characters of front matter."""
MAX_DEPTH = 16
"""Levels of lists and mappings inside each other."""
MAX_TITLE = 300
"""Characters of a heading that count."""

_FENCE = re.compile(r"```+|~~~+")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_ATTRIBUTES = re.compile(r"[ \t]*\{:?[ \t]*[#.][^{}]*\}[ \t]*$")
_KEY = re.compile(r"[\w-]+[ \t]*:(?:[ \t]|$)")
_LINK = re.compile(r"(?<!\\)!?\[((?:\\.|[^\[\]\\])*)\]\([^()]*\)")
_MARKS = re.compile(r"(?<!\\)(?:\*\*?|`+|~~|(?<!\w)__?(?=\S)|(?<=\S)__?(?!\w))")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#~{}])")

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class WrittenHeading:
    """A heading as written: `level` 1 to 6, plain `text`, and its lines ``[start, end)``."""

    level: int
    text: str
    start: int
    end: int


def parse_document(text: str, *, where: str = "") -> Document:
    """Split `text` into front matter, title and Markdown body.

    The title is ``title`` in the front matter, else the first H1, which is then taken out of the
    body; an H1 that only repeats the title goes as well. Dates are `date` or `datetime`. `where`
    names the file in problems.

    Raises ProblemError JS-2001 for front matter that cannot be read (with its line), JS-2003 for
    a text longer than `MAX_TEXT` characters.
    """
    if len(text) > MAX_TEXT:
        raise ProblemError(
            Problem(
                "JS-2003",
                N_("文件有 %(size)d 个字符，超过上限 %(limit)d。"),
                N_("请按主题拆成几篇，互相链接；大段日志或数据请作为附件上传。"),
                where,
                params={"size": len(text), "limit": MAX_TEXT},
            )
        )
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, start = _split_front(lines, where)
    body = lines[start:]
    title = _as_title(front.get("title"))
    if title:
        # More than one of them would go one at a time at each round through a file.
        while (
            (found := _first_h1(body)) is not None
            and found.text == title
            and not any(line.strip() for line in body[: found.start])
        ):
            del body[found.start : found.end]
    elif (found := _first_h1(body)) is not None:
        title = found.text
        del body[found.start : found.end]
    return Document(front, _tidy(body), title)


def dump_document(document: Document) -> str:
    """The text of a document; `parse_document` gives the same document back.

    A title that is not in the front matter is written as an H1.
    """
    parts: list[str] = []
    body = document.body
    heading = document.title and not _as_title(document.front.get("title"))
    if document.front or (body.startswith("---") and not heading):
        head = yaml.dump(
            dict(document.front),
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            default_flow_style=False,
            width=MAX_TEXT,
        )
        parts += ["---\n", head if document.front else "", "---\n"]
        if heading or body:
            parts.append("\n")
    if heading:
        parts.append(f"# {_SPECIAL.sub(_escape, document.title)}\n")
        if body:
            parts.append("\n")
    return "".join(parts) + body


def _split_front(lines: list[str], where: str) -> tuple[dict[str, Any], int]:
    """The front matter and the index of the first line of the body."""
    if lines[0].rstrip() != "---":
        return {}, 0
    for index in range(1, len(lines)):
        if lines[index].rstrip() in ("---", "..."):
            return _load("\n".join(lines[1:index]), where), index + 1
    following = next((line for line in lines[1:] if line.strip()), "")
    if _KEY.match(following):
        raise _problem(where, 1, N_("文件头信息没有结束：第 1 行的 --- 之后找不到第二个 ---。"))
    return {}, 0  # a rule drawn across the top of the page


def _load(source: str, where: str) -> dict[str, Any]:
    if len(source) > MAX_FRONT:
        raise _problem(where, 1, N_("文件头信息太长。"))
    try:
        _check_events(source, where)
        front = yaml.load(source, Loader=_Loader)  # noqa: S506 - a safe loader, C or Python
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # Something left open is noticed behind the last line.
        line = min(mark.line, source.count("\n")) + 2 if mark is not None else 1
        raise _problem(where, line, N_("文件头信息第 %(line)d 行写法有误。")) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # ValueError: a date such as 2026-13-40, or a control character (with its position).
        position = getattr(error, "position", None)
        line = 2 + source[:position].count("\n") if isinstance(position, int) else 1
        raise _problem(where, line, N_("文件头信息里有无法识别的值。")) from error
    if front is None:
        return {}
    if not isinstance(front, dict):
        raise _problem(where, 2, N_("文件头信息不是“名称: 值”的形式。"))
    return {str(key): value for key, value in front.items()}


def _check_events(source: str, where: str) -> None:
    """Refuse aliases and deep nesting before anything is built from them."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        line = event.start_mark.line + 2 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent):
            raise _problem(
                where, line, N_("文件头信息第 %(line)d 行用了 YAML 引用（*），这里不支持。")
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _problem(where, line, N_("文件头信息第 %(line)d 行嵌套太深。"))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _problem(where: str, line: int, message: str) -> ProblemError:
    return ProblemError(
        Problem(
            "JS-2001",
            message,
            N_(
                "请检查这一行的冒号后有没有空格、引号和括号是否成对、缩进是否用空格；含有冒号的值请加引号。"
            ),
            f"{where}:{line}",
            params={"line": line},
        )
    )


def _as_title(value: object) -> str:
    """A title from the front matter: text or a number; anything else is no title."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())


def written_headings(lines: list[str]) -> Iterator[WrittenHeading]:
    """The headings of a Markdown text as written, outside code blocks and comments."""
    fence = ""
    comment = False
    for index, line in enumerate(lines):
        bare = line.strip()
        if fence:
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
            continue
        if comment or bare.startswith("<!--"):
            comment = "-->" not in bare
            continue
        opening = _FENCE.match(bare)
        if opening:
            fence = opening[0]
            continue
        heading = _ATX.match(line)
        if heading:
            text = bare.lstrip("#").strip()
            if text.rstrip("#")[-1:] in ("", " ", "\t"):  # a closing sequence
                text = text.rstrip("#").rstrip()
            yield WrittenHeading(len(heading[1]), _plain(text), index, index + 1)
        elif (
            bare
            and index + 1 < len(lines)
            and (underline := _SETEXT.match(lines[index + 1]))
            and (index == 0 or not lines[index - 1].strip())
            and not line.startswith(("    ", "\t", "=", "-", ">", "|"))
        ):
            level = 1 if underline[1][0] == "=" else 2
            yield WrittenHeading(level, _plain(bare), index, index + 2)


def _first_h1(lines: list[str]) -> WrittenHeading | None:
    headings = written_headings(lines)
    return next((heading for heading in headings if heading.level == 1 and heading.text), None)


def _plain(text: str) -> str:
    """A heading without its Markdown."""
    text = text[:MAX_TITLE]
    text = _LINK.sub(r"\1", _ATTRIBUTES.sub("", text))
    text = _ESCAPED.sub(r"\1", _MARKS.sub("", text))
    return " ".join(text.split())


def _escape(match: re.Match[str]) -> str:
    return "\\" + match[1]


def _tidy(lines: list[str]) -> str:
    """The body without blank lines around it, ending in one line end; empty when there is none."""
    body = "\n".join(lines).strip("\n")
    while body and not body.split("\n", 1)[0].strip():
        body = body.partition("\n")[2].strip("\n")
    body = body.rstrip()
    return f"{body}\n" if body else ""
