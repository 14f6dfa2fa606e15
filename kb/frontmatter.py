"""Front matter: the YAML between two ``---`` lines at the head of a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from kb.document import Document
from kb.problems import N_, Problem, ProblemError

MAX_TEXT = 1_000_000
"""Characters in a document; more is refused, because it could not be rendered in time."""
MAX_FRONT = 50_000
MAX_ALIASES = 20

_FENCE = re.compile(r"---[ \t]*\n")
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.M)
_H1 = re.compile(r"\A\s*#[ \t]+(?P<atx>[^\n]+?)(?:[ \t]+#+)?[ \t]*(?:\n|\Z)")
_SETEXT = re.compile(r"\A\s*(?P<text>[^\s#>*+\-`|][^\n]*)\n=+[ \t]*(?:\n|\Z)")
_INLINE = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}([^*_`]+)[*_`]{1,3}|\{#[^}]*\}")


def parse_document(text: str, *, where: str = "") -> Document:
    """The document in `text`: its front matter, its title and its body without either.

    The title is the front matter's, else the first H1 when the body begins with it. Raises
    ProblemError JS-2001 for front matter that cannot be read, JS-2003 for too long a text.
    """
    if len(text) > MAX_TEXT:
        raise ProblemError(
            Problem(
                "JS-2003",
                N_("全文有 %(size)s 个字符，超过了 %(limit)s"),
                N_("拆成几篇，用系列或目录连起来"),
                where,
                params={"size": len(text), "limit": MAX_TEXT},
            )
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front, body = _split(text, where)
    title = " ".join(str(front.get("title") or "").split())
    heading = _H1.match(body) or _SETEXT.match(body)
    if heading is not None:
        words = _plain(heading.groupdict().get("atx") or heading.groupdict().get("text") or "")
        if not title or title == words:
            title = title or words
            body = body[heading.end() :]
    return Document(front, body.lstrip("\n"), title)


def _split(text: str, where: str) -> tuple[Mapping[str, Any], str]:
    fence = _FENCE.match(text)
    if fence is None:
        return {}, text
    close = _CLOSE.search(text, fence.end())
    if close is None:
        # A page may begin with a rule; only what looks like keys is taken for broken front matter.
        if re.match(r"[\w-]+[ \t]*:", text[fence.end() :]):
            raise _broken(where, N_("文件头没有结束"), N_("在文件头最后加一行 ---"), 1)
        return {}, text
    source = text[fence.end() : close.start()]
    return _load(source, where), text[close.end() :].removeprefix("\n")


def _load(source: str, where: str) -> Mapping[str, Any]:
    if len(source) > MAX_FRONT or source.count("*") > MAX_ALIASES and _expands(source):
        raise _broken(where, N_("文件头太大"), N_("文件头只放标题、标签等，正文写在下面"), 1)
    try:
        loaded = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        raise _broken(
            where,
            N_("文件头第 %(line)s 行读不懂"),
            N_("检查那一行：冒号后要有空格，含冒号或引号的值用引号括起来，列表写成 [甲, 乙]"),
            line,
        ) from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise _broken(where, N_("文件头不是“名称: 值”的形式"), N_("每行写一个，例如 title: 标题"), 2)
    return {str(key): value for key, value in loaded.items()}


def _expands(source: str) -> bool:
    """Aliases of aliases grow without bound; a document about people has no use for them."""
    return re.search(r"[\s\[,:-]\*\w", source) is not None and "&" in source


def _plain(text: str) -> str:
    """A heading's words without their Markdown."""
    found = _INLINE.sub(lambda match: match[1] or match[2] or "", text)
    return " ".join(found.replace("\\", "").split())


def _broken(where: str, message: str, remedy: str, line: int) -> ProblemError:
    return ProblemError(Problem("JS-2001", message, remedy, where, params={"line": line}))


def dump_document(document: Document) -> str:
    """The text of a document, which `parse_document` reads back to the same."""
    front = dict(document.front)
    if document.title and "title" not in front:
        front = {"title": document.title, **front}
    if not front:
        return document.body
    dumped = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{dumped}---\n\n{document.body}"
