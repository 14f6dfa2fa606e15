"""Report blocks: tables that plugins make, each built apart and checked before it is shown."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

from kb.problems import N_, Problem, ProblemError
from portal.accounts.models import Role, User
from portal.contributions import ReportBlock, ReportTable
from portal.i18n import translate
from portal.plugin_host import host
from portal.plugin_host.calls import Fault, Slow
from portal.plugin_host.collecting import Collected
from portal.plugin_host.rights import viewer_of

HOOK = "portal_report_blocks"

MAX_ROWS = 200
"""Rows shown on the page; the file has them all."""

FILE_SECONDS = 20.0
"""What a block may take when somebody has asked for just this table."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate (CWE-1236)."""

Cell = str | int | float

FAILED = Problem(
    "JS-4001",
    N_("插件出了错"),
    N_("过一会儿再试；管理员可以在 /admin/plugins 看到原因"),
)
SLOW = Problem(
    "JS-4001",
    N_("没有及时算好"),
    N_("下载 CSV 可以等得久一些；一直这样，请管理员看 /admin/plugins"),
)


@dataclass(frozen=True)
class Card:
    """A block as shown: its table, or what is to be said instead. Texts are source strings."""

    plugin: str
    name: str
    title: str
    table: ReportTable | None = None
    problem: Problem | None = None
    slow: bool = False

    @property
    def shown(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that fit on the page."""
        return self.table.rows[:MAX_ROWS] if self.table else ()

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers only: they are set to the right."""
        if self.table is None or not self.table.rows:
            return ()
        return tuple(
            all(not isinstance(cell, str) for cell in column)
            for column in zip(*self.table.rows, strict=True)
        )


def visible(user: User) -> tuple[Collected, ...]:
    """The blocks `user` may see, in order."""
    found = (one for one in host().collected(HOOK) if _may_see(user, one.item))
    return tuple(sorted(found, key=lambda one: one.item.order))


def find(user: User, plugin: str, name: str) -> Collected | None:
    """The block of this name if `user` may see it."""
    found = (one for one in visible(user) if (one.plugin, one.item.name) == (plugin, name))
    return next(found, None)


def cards(user: User) -> tuple[Card, ...]:
    """Every block `user` may see, built within the budget of a page."""
    budget = host().settings.plugins_budget
    return tuple(_card(user, one, budget) for one in visible(user))


def whole(user: User, block: Collected) -> tuple[ReportTable | None, Problem | None]:
    """A block's table with time to make it, or why there is none."""
    card = _card(user, block, FILE_SECONDS)
    return card.table, card.problem


def figure(cell: Cell) -> str:
    """A cell for the page: thousands apart, two decimals at most; text in the reader's language."""
    if isinstance(cell, str):
        return translate(cell)
    if not math.isfinite(cell):
        return "—"
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:,.2f}".rstrip("0").rstrip(".")


def as_csv(table: ReportTable) -> str:
    """The table for a spreadsheet: with a BOM, or Excel takes it for another encoding.

    Text that would be calculated as a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    for row in ((translate(column) for column in table.columns), *table.rows):
        writer.writerow([_harmless(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def _harmless(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell if math.isfinite(cell) else ""
    text = translate(cell)
    # Spreadsheets skip blanks before they look.
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _may_see(user: User, block: ReportBlock) -> bool:
    return not block.role or user.role.at_least(Role(block.role))


def _card(user: User, one: Collected, seconds: float) -> Card:
    block: ReportBlock = one.item
    viewer = viewer_of(user)
    table = host().call(
        one.plugin,
        f"report {block.name}",
        lambda ctx: _checked(block.build(ctx, viewer)),
        seconds,
    )
    if not isinstance(table, Fault):
        return Card(one.plugin, block.name, block.title, table)
    slow = isinstance(table.error, Slow)
    problem = SLOW if slow else FAILED
    if isinstance(table.error, ProblemError):
        problem = table.error.problem
    return Card(one.plugin, block.name, block.title, problem=problem, slow=slow)


def _checked(table: object) -> ReportTable:
    """What `build` gave, if it is a table. Raises TypeError or ValueError saying what is wrong."""
    if not isinstance(table, ReportTable):
        raise TypeError(f"build returned {type(table).__name__}, not ReportTable")
    columns = tuple(table.columns)
    rows = tuple(tuple(row) for row in table.rows)
    wrong = next(_faults(columns, rows, table.note), None)
    if wrong is not None:
        raise wrong
    return ReportTable(columns, rows, table.note)


def _faults(
    columns: tuple[object, ...], rows: tuple[tuple[object, ...], ...], note: object
) -> Iterator[Exception]:
    for text in (*columns, note):
        if not isinstance(text, str):
            yield TypeError(f"columns and note are texts, not {type(text).__name__}")
    if not columns:
        yield ValueError("a table needs columns")
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            yield ValueError(f"row {number} has {len(row)} cells for {len(columns)} columns")
        for cell in row:
            if isinstance(cell, bool) or not isinstance(cell, str | int | float):
                yield TypeError(f"row {number}: {type(cell).__name__} is no cell")
