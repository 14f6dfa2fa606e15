"""From rows to Markdown pages."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from kb.document import Document
from kb.frontmatter import dump_document
from kb.slugs import is_slug, slugify
from plugins.import_table.reading import Row, Table
from portal.api import N_, Problem

LONGEST = 60
"""Characters of a question in its address."""

_PUNCTUATION = re.compile(r"[\s,，、:：;；.。?？!！\"'“”‘’()（）《》【】\[\]—…·/-]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


def write_pages(table: Table, into: Path) -> Iterator[Problem]:
    """Write a page for each row; gives a Problem for each row that repeats another.

    A page's file is named after its slug or question, so that it is the same one next time.
    """
    questions: dict[str, int] = {}
    files: dict[str, int] = {}
    for row in table.rows:
        question = " ".join(row.question.split())
        known = questions.setdefault(question.casefold(), row.line)
        if known != row.line:
            yield _repeated(table.name, row.line, known)
            continue
        slug = row.slug.strip("/ ").lower()
        if slug and not is_slug(slug):
            yield _bad_slug(table.name, row)
            slug = ""
        name = file_name(slug, question)
        known = files.setdefault(name, row.line)
        if known != row.line:
            yield _repeated(table.name, row.line, known)
            continue
        (into / name).write_text(page(row, question, slug), encoding="utf-8")


def file_name(slug: str, question: str) -> str:
    """The name of a page's file. Questions that look alike in an address are told apart."""
    if slug:
        return f"{slug.replace('/', '-')}.md"
    readable = slugify(question)
    words = _PUNCTUATION.sub("-", question.casefold()).strip("-")
    # Only when more than punctuation is lost on the way does the address need more than the words.
    lossy = words != readable or not words or len(words) > LONGEST
    mark = f"-{zlib.crc32(question.encode()):08x}" if lossy else ""
    return f"{readable[:LONGEST] or 'question'}{mark}.md"


def page(row: Row, question: str, slug: str) -> str:
    """The page's text. What a spreadsheet would take for a formula is only text here."""
    front: dict[str, object] = {"title": _CONTROLS.sub("", question)}
    if slug:
        front["slug"] = slug
    tags = [tag for tag in re.split(r"[,，、;；|\s]+", _CONTROLS.sub("", row.tags)) if tag]
    if tags:
        front["tags"] = tags
    body = _CONTROLS.sub("", row.answer.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return dump_document(Document(front, f"{body}\n"))


def _repeated(name: str, line: int, first: int) -> Problem:
    return Problem(
        "JS-2006",
        N_("第 %(line)s 行与第 %(first)s 行重复，没有导入"),
        N_("删去其中一行，或改它的问题或编号，再导入一次"),
        f"{name}:{line}",
        params={"line": line, "first": first},
    )


def _bad_slug(name: str, row: Row) -> Problem:
    return Problem(
        "JS-2001",
        N_("第 %(line)s 行的编号“%(slug)s”不能做网址名，改用了问题本身"),
        N_("编号只用小写字母、数字、汉字和连字符，不超过 80 个字"),
        f"{name}:{row.line}",
        "warning",
        {"line": row.line, "slug": row.slug[:40]},
    )
