"""One row a day: how many articles of each kind there were."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from flask_babel import get_timezone

from portal.api import N_, PluginContext, translate

DATE = "date"


def write_down(ctx: PluginContext) -> str:
    """Write today's counts into ``counts.csv``; a second time on one day replaces its row."""
    counts = dict(ctx.library.counts())
    # Today where the portal is at home, which need not be where the server's clock is.
    today = datetime.now(get_timezone()).date().isoformat()
    days = keep(ctx.data_dir / "counts.csv", today, counts)
    return translate(
        N_("记下了 %(date)s 的篇数：共 %(total)s 篇，已有 %(days)s 天"),
        date=today,
        total=sum(counts.values()),
        days=days,
    )


def keep(path: Path, day: str, counts: Mapping[str, int]) -> int:
    """Put a day's row into the file at `path`; gives how many days it holds then.

    A kind that is new gets a column; days before it leave it empty. The file is replaced in one
    step, so that whoever reads it sees the old one or the new one.
    """
    rows: list[dict[str, object]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = [dict(row) for row in csv.DictReader(file) if row.get(DATE) != day]
    rows.append({DATE: day, **counts})
    columns = list(dict.fromkeys(name for row in rows for name in row))
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    fresh.replace(path)
    return len(rows)
