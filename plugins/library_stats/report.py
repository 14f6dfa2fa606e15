"""Articles of each kind for the page of figures, and how many more they have become."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from flask_babel import get_timezone

from plugins.library_stats.daily import DATE
from portal.api import N_, PluginContext, ReportTable, Viewer

DAYS = 30
"""How far growth looks back; the column's title says so."""


def build(ctx: PluginContext, viewer: Viewer) -> ReportTable:
    """Each kind's published articles, most first, and the sum; with growth where days are kept.

    The numbers count every article, also those of spaces the viewer may not read.
    """
    now = dict(ctx.library.counts())
    today = datetime.now(get_timezone()).date()
    before = counts_before(ctx.data_dir / "counts.csv", today)
    kinds = sorted({*now, *(before or {})}, key=lambda kind: (-now.get(kind, 0), kind))
    names = [(_label(ctx, viewer, kind), [kind]) for kind in kinds]
    rows: list[tuple[str | int | float, ...]] = []
    for label, counted in [*names, (N_("合计"), kinds)]:
        total = sum(now.get(kind, 0) for kind in counted)
        if before is None:
            rows.append((label, total))
        else:
            rows.append((label, total, total - sum(before.get(kind, 0) for kind in counted)))
    if before is None:
        note = N_("已发布的文章，包括只对部分人开放的。每天记一次数，有了记录就能看出增长")
        return ReportTable((N_("栏目"), N_("篇数")), tuple(rows), note)
    return ReportTable(
        (N_("栏目"), N_("篇数"), N_("30 天增加")),
        tuple(rows),
        N_(
            "已发布的文章，包括只对部分人开放的。增加：与 30 天前相比；不满 30 天就与最早的一天相比"
        ),
    )


def counts_before(path: Path, today: date) -> Mapping[str, int] | None:
    """Kind → articles `DAYS` days before `today`, or on the first day kept; None: no day is kept.

    Rows that cannot be read are passed over: somebody may have had the file in a spreadsheet.
    """
    if not path.exists():
        return None
    kept = sorted(_days(path), key=lambda one: one[0])
    kept = [one for one in kept if one[0] < today]
    limit = today - timedelta(days=DAYS)
    old_enough = [one for one in kept if one[0] <= limit]
    if old_enough:
        return old_enough[-1][1]
    return kept[0][1] if kept else None


def _days(path: Path) -> Iterator[tuple[date, Mapping[str, int]]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for row in csv.DictReader(file, restkey=""):
            try:
                day = date.fromisoformat(row.get(DATE) or "")
            except ValueError:
                continue
            counts = {kind: text for kind, text in row.items() if kind not in {"", DATE}}
            yield (
                day,
                {kind: int(text) for kind, text in counts.items() if (text or "").isdecimal()},
            )


def _label(ctx: PluginContext, viewer: Viewer, kind: str) -> str:
    """What readers call the kind; its id where the viewer may read no article of it."""
    found = ctx.library.newest(viewer, limit=1, kind=kind)
    return found[0].kind_label if found else kind
