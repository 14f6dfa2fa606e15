"""When a job is due next: intervals, times of day, clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.contributions import ScheduledJob
from portal.jobs.timing import next_time, rhythm

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def job(at: str = "", every: int = 60) -> ScheduledJob:
    """A job with this rhythm."""
    return ScheduledJob("job", "任务", lambda _ctx: None, every_minutes=every, at=at)


def utc(text: str) -> datetime:
    """An aware time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_interval_is_counted_from_now() -> None:
    assert next_time(job(every=90), utc("2026-01-01 23:00"), SHANGHAI) == utc("2026-01-02 00:30")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-01-01 18:09", "2026-01-01 18:10"),
        # Exactly on time: the next one is tomorrow, or it would run twice.
        ("2026-01-01 18:10", "2026-01-02 18:10"),
        ("2026-01-01 20:00", "2026-01-02 18:10"),
        ("2026-01-01 02:00", "2026-01-01 18:10"),
    ],
)
def test_a_time_of_day_is_the_portals(now: str, due: str) -> None:
    assert next_time(job(at="02:10"), utc(now), SHANGHAI) == utc(due)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # 29 March 2026: from 02:00 to 03:00. There is no 02:30; it runs at 03:30, once.
        ("2026-03-29 00:59", "2026-03-29 01:30"),
        ("2026-03-29 01:30", "2026-03-30 00:30"),
        # 25 October 2026: 02:30 comes twice; the first counts.
        ("2026-10-24 23:00", "2026-10-25 00:30"),
        ("2026-10-25 00:30", "2026-10-26 01:30"),
        ("2026-10-25 01:00", "2026-10-26 01:30"),
    ],
)
def test_clocks_that_are_changed_make_it_run_once_all_the_same(now: str, due: str) -> None:
    assert next_time(job(at="02:30"), utc(now), BERLIN) == utc(due)


ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
CLOCKS = st.times().map(lambda time: f"{time:%H:%M}")


@given(MOMENTS, ZONES, CLOCKS)
def test_a_daily_job_comes_soon_and_at_its_time(now: datetime, zone: ZoneInfo, at: str) -> None:
    due = next_time(job(at=at), now, zone)
    # Apia left out a whole day in December 2011; elsewhere a day has 25 hours at most.
    assert timedelta(0) < due - now <= timedelta(hours=49)
    shown = due.astimezone(zone)
    if f"{shown:%H:%M}" != at:
        asked = datetime.combine(shown.date(), datetime.strptime(at, "%H:%M").time(), zone)
        assert asked.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != asked.replace(
            tzinfo=None
        ), "only a time that the clocks skip may be shown differently"


@given(MOMENTS, ZONES, CLOCKS)
def test_thirty_runs_are_on_thirty_days(now: datetime, zone: ZoneInfo, at: str) -> None:
    days = []
    for _run in range(30):
        now = next_time(job(at=at), now, zone)
        days.append(now)
    assert days == sorted(set(days))
    gaps = {b - a for a, b in pairwise(days)}
    assert all(timedelta(hours=22) <= gap <= timedelta(hours=26) for gap in gaps) or (
        zone.key == "Pacific/Apia"
    )


@given(st.integers(1, 10_000), CLOCKS)
def test_two_rhythms_are_told_apart(minutes: int, at: str) -> None:
    assert rhythm(job(every=minutes)) != rhythm(job(at=at))
    assert rhythm(job(every=minutes)) != rhythm(job(every=minutes + 1))
