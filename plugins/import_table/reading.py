"""The table: its encoding, its delimiter, its columns, its rows with their lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.importers.decode import decode
from portal.api import N_, Problem, ProblemError

MAX_BYTES = 50 * 1024**2
DELIMITERS = ",\t;|"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    # What a row has → what the column may be called, folded.
    "question": ("问题", "問題", "question", "标题", "q"),
    "answer": ("答案", "回答", "answer", "解答", "a"),
    "tags": ("标签", "標籤", "tags", "tag"),
    "slug": ("编号", "編號", "slug", "网址名", "id"),
}
REQUIRED = ("question", "answer")

Record = tuple[int, list[str]]
"""A record with the number of the line it begins on."""


@dataclass(frozen=True)
class Row:
    """One question; `line` counts in the file from 1."""

    line: int
    question: str
    answer: str
    tags: str = ""
    slug: str = ""


@dataclass(frozen=True)
class Table:
    """What was read: whole rows, and what is wrong with others."""

    name: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_table(path: Path) -> Table:
    """The rows of the file. Rows that are not whole are left out and named by their lines.

    Raises ProblemError: JS-2003 too large, JS-2002 not text, JS-2007 not a table of questions.
    """
    text = _text(path)
    header, records = _split(text, path.name)
    columns = columns_of(header)
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in records:
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            problems.append(_too_wide(path.name, line))
            continue
        values = {
            name: cells[place].strip() if place < len(cells) else ""
            for name, place in columns.items()
        }
        missing = [header[columns[name]] for name in REQUIRED if not values[name]]
        if missing:
            problems.append(_not_whole(path.name, line, missing))
            continue
        rows.append(Row(line, **values))
    if not records:
        problems.append(_only_header(path.name))
    return Table(path.name, tuple(rows), tuple(problems))


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """What a row has → its place, for the columns that the header names."""
    folded = [cell.strip().strip("\ufeff").casefold() for cell in header]
    found: dict[str, int] = {}
    for name, titles in COLUMNS.items():
        place = next((folded.index(title) for title in titles if title in folded), None)
        if place is not None:
            found[name] = place
    return found


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ProblemError(
            Problem(
                "JS-2003",
                N_("表格有 %(size)s MB，超过上限 %(limit)s MB"),
                N_("把它分成几个文件，分别导入"),
                path.name,
                params={"size": size >> 20, "limit": MAX_BYTES >> 20},
            )
        )
    return decode(path.read_bytes(), where=path.name)[0]


def _split(text: str, name: str) -> tuple[list[str], list[Record]]:
    """The header and the records below it, by the delimiter that makes a header of the first."""
    noted = re.match(r"sep=([,;\t|])[ \t]*\n", text)
    if noted:
        # Excel's own note of the delimiter.
        delimiters, skipped = noted[1], 1
        text = text[noted.end() :]
    else:
        delimiters, skipped = DELIMITERS, 0
    first: list[str] = []
    for delimiter in delimiters:
        records = _records(text, delimiter, skipped, name)
        header = records[0][1] if records else []
        if all(column in columns_of(header) for column in REQUIRED):
            return header, records[1:]
        first = max(first, header, key=len)
    raise ProblemError(
        Problem(
            "JS-2007",
            N_("这不是问答表：第一行要有「问题」和「答案」两列；文件里的第一行是：%(header)s"),
            N_("在表格第一行写上列名：问题、答案，可以另有标签、编号；另存为 CSV 再导入"),
            name,
            params={"header": "、".join(cell.strip()[:20] for cell in first[:8]) or "—"},
        )
    )


def _records(text: str, delimiter: str, skipped: int, name: str) -> list[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    records: list[Record] = []
    begins = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((begins, cells))
            begins = reader.line_num + skipped + 1
    except csv.Error as error:
        raise ProblemError(
            Problem(
                "JS-2007",
                N_("第 %(line)s 行起读不成表格：%(error)s"),
                N_("看看那里是不是有一个引号没有配对；改好再导入"),
                f"{name}:{begins}",
                params={"line": begins, "error": error},
            )
        ) from error
    return records


def _not_whole(name: str, line: int, missing: Sequence[str]) -> Problem:
    return Problem(
        "JS-2007",
        N_("第 %(line)s 行的「%(missing)s」是空的，没有导入"),
        N_("补上再导入一次；已经导入的不会重复"),
        f"{name}:{line}",
        params={"line": line, "missing": "、".join(title.strip() for title in missing)},
    )


def _too_wide(name: str, line: int) -> Problem:
    return Problem(
        "JS-2007",
        N_("第 %(line)s 行的列比表头多，没有导入"),
        N_("内容里有分隔符或换行时，要用英文双引号括起来"),
        f"{name}:{line}",
        params={"line": line},
    )


def _only_header(name: str) -> Problem:
    return Problem("JS-2007", N_("只有表头，没有问题"), N_("看看导出的范围对不对"), name, "warning")
