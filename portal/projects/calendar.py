"""Working days as dates. Monday to Friday; holidays are not known yet."""

from __future__ import annotations

import math
from datetime import date, timedelta

from portal.projects.schedule import EPSILON

WEEK = 5


def working_day(start: date, number: int) -> date:
    """The working day `number` after the first one; 0 is `start`, or the Monday after a weekend.

    Raises OverflowError beyond the year 9999.
    """
    first = start + timedelta(days=max(0, 7 - start.weekday()) if start.weekday() >= WEEK else 0)
    monday = first - timedelta(days=first.weekday())
    weeks, weekday = divmod(first.weekday() + number, WEEK)
    return monday + timedelta(days=7 * weeks + weekday)


def span(start: date, begins: float, ends: float) -> tuple[date, date]:
    """First and last day of what lasts from `begins` to `ends` (working days from `start`).

    A point in time is the evening of the day before it, as "end of day 3" is when 3 days are
    over; at the very beginning it is the first day. Raises OverflowError and, for numbers that are
    none, ValueError.
    """
    last = max(0, math.ceil(ends - EPSILON) - 1)
    first = min(last, max(0, math.floor(begins + EPSILON)))
    return working_day(start, first), working_day(start, last)
