"""When a job is due next."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

from portal.contributions import ScheduledJob


def rhythm(job: ScheduledJob) -> str:
    """What the next time is reckoned from, in one word: ``02:10`` or ``60m``."""
    return job.at or f"{job.every_minutes}m"


def next_time(job: ScheduledJob, now: datetime, zone: tzinfo) -> datetime:
    """The first time after `now` (aware) that the job is due, in UTC.

    With `at`: once each day at that time on the clocks of `zone`. A time that clocks skip in
    spring comes as much later as they are put forward; of a time that comes twice in autumn the
    first counts.
    """
    if not job.at:
        return now.astimezone(UTC) + timedelta(minutes=job.every_minutes)
    today = now.astimezone(zone).date()
    clock = time.fromisoformat(job.at)
    days = (today + timedelta(days=ahead) for ahead in range(-1, 4))
    # Compared in UTC: two times of one zone are compared by their clock faces.
    times = (datetime.combine(day, clock, zone).astimezone(UTC) for day in days)
    return min(moment for moment in times if moment > now)
