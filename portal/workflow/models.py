"""The steps that a project goes through, in order."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class RunState(enum.StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    """Its turn has not come."""
    ACTIVE = "active"
    """It is its turn: somebody has to act, or it runs or waits until `due_at`."""
    RETRY = "retry"
    """It did not work; it is tried again at `due_at`."""
    FAILED = "failed"
    """It did not work, and somebody has to look; `problem` says why."""
    BLOCKED = "blocked"
    """No plugin gives its kind at present."""
    DONE = "done"


class RunStep(Base):
    """A step of a project.

    `due_at` is when the worker looks at it again. While a worker has it, `claimed_at` is set and
    `due_at` is when the others may conclude that this worker is no more.
    """

    __tablename__ = "run_steps"
    __table_args__ = (
        UniqueConstraint("project_id", "position"),
        Index("ix_run_steps_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(120))
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[RunState] = mapped_column(
        Enum(
            RunState,
            native_enum=False,
            length=16,
            values_callable=lambda states: [state.value for state in states],
            name="run_state",
        ),
        default=RunState.WAITING,
    )
    outcome: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    entered_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(60), default="")
    problem: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why it failed (see `portal.workflow.faults`); empty when it did not."""

    @property
    def key(self) -> str:
        """The idempotency key: the same however often the step is tried."""
        return f"run:{self.project_id}:{self.id}"
