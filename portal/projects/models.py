"""Projects that were started from a template, and their tasks.

What comes from a template is kept as it was on the day of the start: the plugin may be gone later.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.db import Base, utcnow


class Project(Base):
    """A project. `people` has every role of the project: role → login name, "" for nobody yet.

    `version` counts the changes; a change made on an older version is refused.
    """

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    template: Mapped[str] = mapped_column(Text)
    template_version: Mapped[str] = mapped_column(Text, default="")
    plugin: Mapped[str] = mapped_column(Text, default="")
    start: Mapped[date]
    people: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    created_by: Mapped[User | None] = relationship()
    tasks: Mapped[list[ProjectTask]] = relationship(
        order_by="ProjectTask.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration


class ProjectTask(Base):
    """A task; `phase` is the phase's name. Names are source strings of the template's plugin."""

    __tablename__ = "project_tasks"
    __table_args__ = (UniqueConstraint("project_id", "wbs"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    position: Mapped[int]
    wbs: Mapped[str] = mapped_column(Text)
    phase: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text, default="")
    deliverable: Mapped[str] = mapped_column(Text, default="")
    days: Mapped[float] = mapped_column(default=0.0)
    hours: Mapped[float] = mapped_column(default=0.0)
    start: Mapped[date]
    finish: Mapped[date]
    milestone: Mapped[bool] = mapped_column(default=False)
    done_at: Mapped[datetime | None]
