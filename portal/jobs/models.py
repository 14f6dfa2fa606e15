"""When each plugin's job is due, and how its runs went."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Enum, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class RunState(enum.StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobSchedule(Base):
    """A job that has been seen, and when it is due. The row outlives its plugin."""

    __tablename__ = "job_schedules"

    plugin: Mapped[str] = mapped_column(String(60), primary_key=True)
    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    rhythm: Mapped[str] = mapped_column(String(40), default="")
    """What `next_at` was reckoned from; when the plugin changes it, it is reckoned anew."""
    next_at: Mapped[datetime] = mapped_column(index=True)
    claimed_by: Mapped[str] = mapped_column(String(40), default="")
    """The run that is at it; empty: none."""
    claimed_until: Mapped[datetime | None]
    """From then on whoever claimed it is taken for dead."""


class JobRun(Base):
    """One run of a job."""

    __tablename__ = "job_runs"
    __table_args__ = (Index("ix_job_runs_job", "plugin", "job", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(String(60))
    job: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    state: Mapped[RunState] = mapped_column(
        Enum(
            RunState,
            native_enum=False,
            length=16,
            values_callable=lambda states: [state.value for state in states],
            name="run_state",
        ),
        default=RunState.RUNNING,
    )
    result: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
