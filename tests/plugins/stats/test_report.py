"""The table of articles by kind, and its growth out of the days kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import get_timezone

from plugins.library_stats.daily import keep
from plugins.library_stats.report import DAYS, counts_before

TODAY = date(2026, 3, 31)


def day(ago: int, today: date = TODAY) -> str:
    return (today - timedelta(days=ago)).isoformat()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "counts.csv"


def test_without_days_there_is_no_growth(kept: Path) -> None:
    assert counts_before(kept, TODAY) is None


def test_today_is_no_day_to_compare_with(kept: Path) -> None:
    keep(kept, day(0), {"faq": 3})
    assert counts_before(kept, TODAY) is None


def test_the_first_day_counts_while_there_are_few(kept: Path) -> None:
    keep(kept, day(3), {"faq": 1})
    keep(kept, day(1), {"faq": 2, "case": 1})
    assert counts_before(kept, TODAY) == {"faq": 1}


def test_later_the_day_a_month_ago_counts(kept: Path) -> None:
    for ago, number in ((DAYS + 9, 1), (DAYS + 1, 2), (DAYS - 1, 3), (1, 4)):
        keep(kept, day(ago), {"faq": number})
    assert counts_before(kept, TODAY) == {"faq": 2}
    keep(kept, day(DAYS), {"faq": 7})
    assert counts_before(kept, TODAY) == {"faq": 7}


def test_what_a_spreadsheet_has_left_behind_is_passed_over(kept: Path) -> None:
    lines = ["\ufeffdate,faq,case,", "2026/3/1,9,9,", f"{day(2)},5,many,x,y", "", f"{day(1)}"]
    kept.write_text("\r\n".join(lines), encoding="utf-8")
    assert counts_before(kept, TODAY) == {"faq": 5}


def test_a_file_of_something_else_gives_nothing(kept: Path) -> None:
    for content in (b"", b"\xff\xfe\x00", b"day;kind\n1;2\n"):
        kept.write_bytes(content)
        assert counts_before(kept, TODAY) is None


def test_the_page_shows_each_kind_and_its_growth(
    app: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    browser = login_as("pmso")
    page = browser.get("/reports").text
    assert "各栏目的文章" in page and "合计" in page and "30 天增加" not in page
    folder = Path(app.config["SETTINGS"].home) / "plugins" / "library_stats"
    today = datetime.now(get_timezone()).date()
    keep(folder / "counts.csv", day(2, today), {"faq": 4})
    assert "30 天增加" in browser.get("/reports").text
    file = browser.get("/reports/library_stats/articles.csv").text
    assert "faq,0,-4" in file and "合计,0,-4" in file
    assert login_as("reviewer").get("/reports").status_code == 404
