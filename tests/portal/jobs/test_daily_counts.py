"""The bundled job: one row a day, however often it runs."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from plugins.library_stats.daily import keep
from portal.db import utcnow
from portal.jobs import service as jobs
from portal.jobs.models import RunState


def rows(path: Path) -> list[dict[str, str]]:
    """The file as a spreadsheet reads it."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_job_writes_one_row_a_day_and_says_so(app: Flask) -> None:
    path = app.config["SETTINGS"].home / "plugins" / "library_stats" / "counts.csv"
    for _time in range(2):
        run = jobs.run_at_once("library_stats", "daily_counts", utcnow())
        assert run.state is RunState.DONE, run.error
        assert "已有 1 天" in run.result
    assert len(rows(path)) == 1


def test_a_new_kind_gets_a_column(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    assert keep(path, "2026-03-01", {"faq": 1}) == 1
    assert keep(path, "2026-03-02", {"faq": 2, "case": 5}) == 2
    assert keep(path, "2026-03-02", {"faq": 3, "case": 5}) == 2
    assert rows(path) == [
        {"date": "2026-03-01", "faq": "1", "case": ""},
        {"date": "2026-03-02", "faq": "3", "case": "5"},
    ]


DAYS = st.dates().map(lambda day: day.isoformat())
COUNTS = st.dictionaries(st.sampled_from(["faq", "case", "manual"]), st.integers(0, 99))


@given(st.lists(st.tuples(DAYS, COUNTS), min_size=1, max_size=8))
def test_every_day_has_exactly_its_last_counts(runs: list[tuple[str, dict[str, int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.csv"
        for day, counts in runs:
            keep(path, day, counts)
        wanted = dict(runs)
        found = rows(path)
        assert sorted(row["date"] for row in found) == sorted(wanted)
        for row in found:
            told = {name: int(text) for name, text in row.items() if name != "date" and text}
            assert told == wanted[row["date"]]
