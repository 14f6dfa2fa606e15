"""One CSV file: encoding, delimiter, header, rows."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from kb.importers.decode import decode
from plugins.csv_folder.entities import columns_of
from portal.api import N_, Entity, Problem, ProblemError, translate

DELIMITERS = ",\t;|"
MAX_SHOWN = 5
"""Line numbers named in a problem."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HARMLESS = re.compile(r"[+-]?[\d\s.,:()/%+-]*")


@dataclass(frozen=True)
class Table:
    """A file as read: rows by column name, and what is odd about it."""

    rows: tuple[dict[str, str], ...]
    encoding: str
    delimiter: str
    problems: tuple[Problem, ...]


def safe_cell(value: str) -> str:
    """`value`, with an apostrophe in front where a spreadsheet would take it for a formula.

    Plain signed numbers, dates and telephone numbers are left as they are.
    """
    if value.startswith(_FORMULA) and not _HARMLESS.fullmatch(value):
        return "'" + value
    return value


def read_table(path: Path, entity: Entity, *, max_bytes: int) -> Table:
    """Read the file as `entity`.

    Raises ProblemError JS-4003: unreadable, too large, not text, empty, or a required column is
    missing. Rows that do not fit are left out and named in a warning.
    """
    text, encoding = _text(path, max_bytes)
    delimiter, lines = _split(text)
    if not lines:
        raise _refused(N_("文件是空的"), N_("请对方重新导出"), path)
    header = lines[0][1]
    columns = columns_of(entity, header)
    missing = [name for name in entity.required if name not in columns]
    if missing:
        raise ProblemError(_missing(entity, missing, header, path))
    rows: list[dict[str, str]] = []
    odd: list[int] = []
    formulas: list[int] = []
    for number, cells in lines[1:]:
        if (len(cells) < len(header) and max(columns.values()) >= len(cells)) or (
            len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :])
        ):
            odd.append(number)
            continue
        row = {name: cells[place].strip() for name, place in columns.items()}
        safe = {name: safe_cell(value) for name, value in row.items()}
        if safe != row:
            formulas.append(number)
        rows.append(safe)
    problems = _row_problems(path, entity, rows, lines, odd, formulas)
    return Table(tuple(rows), encoding, delimiter, tuple(problems))


def _text(path: Path, max_bytes: int) -> tuple[str, str]:
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise _refused(
                N_("文件有 %(size)s MB，超过上限 %(limit)s MB"),
                N_("请对方分批导出，或在设置里提高上限"),
                path,
                size=size >> 20,
                limit=max_bytes >> 20,
            )
        data = path.read_bytes()
    except OSError as error:
        raise _refused(
            N_("文件读不了：%(error)s"),
            N_("检查这个文件的权限，运行门户的系统账号要能读"),
            path,
            error=error.strerror or error,
        ) from error
    try:
        return decode(data, where=path.name)
    except ProblemError as error:
        raise _refused(
            N_("认不出文字编码"), N_("请对方导出为 UTF-8 或 GB18030（ANSI 中文）的 CSV"), path
        ) from error


def _split(text: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """The delimiter, and the non-empty records with the number of the line each ends on."""
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=[,;\t|]\s*", first):
        # Excel's own note of the delimiter.
        return first[4], _records(rest, first[4], 1)
    best, found = ",", _records(text, ",")
    score = _score(found)
    for delimiter in DELIMITERS[1:]:
        records = _records(text, delimiter)
        if _score(records) > score:
            best, found, score = delimiter, records, _score(records)
    return best, found


def _records(text: str, delimiter: str, skipped: int = 0) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    return [
        (reader.line_num + skipped, cells)
        for cells in reader
        if any(cell.strip() for cell in cells)
    ]


def _score(records: list[tuple[int, list[str]]]) -> tuple[float, int]:
    """How well a delimiter fits: the share of rows as wide as the header, then the width."""
    if not records or len(records[0][1]) < 2:
        return 0.0, 0
    width = len(records[0][1])
    sample = records[:50]
    return sum(len(cells) == width for _, cells in sample) / len(sample), width


def _row_problems(
    path: Path,
    entity: Entity,
    rows: list[dict[str, str]],
    lines: list[tuple[int, list[str]]],
    odd: list[int],
    formulas: list[int],
) -> list[Problem]:
    problems = []
    if len(lines) == 1:
        problems.append(_warn(path, N_("只有表头，没有数据"), N_("看看对方的导出条件"), [], 0))
    if odd:
        problems.append(
            _warn(
                path,
                N_("%(count)s 行的列数与表头不符，没有读：第 %(lines)s 行"),
                N_("字段里有分隔符或换行时，要用英文双引号括起来"),
                odd,
                len(odd),
            )
        )
    if formulas:
        problems.append(
            _warn(
                path,
                N_("%(count)s 行里有像公式的内容，已在前面加上单引号：第 %(lines)s 行"),
                N_("确认对方系统里这些内容没有问题"),
                formulas,
                len(formulas),
            )
        )
    keys = [row.get(entity.key, "") for row in rows]
    blank, repeated = keys.count(""), len(keys) - len(set(keys))
    if blank or repeated:
        message = N_("%(key)s 有 %(blank)s 行空白，%(repeated)s 行与别的行重复")
        params = {
            "key": translate_title(entity, entity.key),
            "blank": blank,
            "repeated": max(0, repeated - max(0, blank - 1)),
        }
        remedy = N_("请对方补全编号；重复的编号以后一行为准")
        problems.append(Problem("JS-4003", message, remedy, path.name, "warning", params))
    return problems


def translate_title(entity: Entity, name: str) -> str:
    """A column's title in the reader's language."""
    return translate(entity.columns[name])


def _missing(entity: Entity, missing: list[str], header: list[str], path: Path) -> Problem:
    return Problem(
        "JS-4003",
        N_("表头缺少：%(missing)s；文件里的表头是：%(header)s"),
        N_("请对方导出时带上这些列，列名写在第一行"),
        where=path.name,
        params={
            "missing": "、".join(translate_title(entity, name) for name in missing),
            "header": "、".join(title.strip() for title in header[:12]),
        },
    )


def _warn(path: Path, message: str, remedy: str, lines: list[int], count: int) -> Problem:
    shown = "、".join(map(str, lines[:MAX_SHOWN])) + ("…" if len(lines) > MAX_SHOWN else "")
    params = {"count": count, "lines": shown}
    return Problem("JS-4003", message, remedy, path.name, "warning", params)


def _refused(message: str, remedy: str, path: Path, **params: object) -> ProblemError:
    return ProblemError(Problem("JS-4003", message, remedy, path.name, params=params))
