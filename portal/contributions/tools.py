"""What plugins add behind the pages: commands, jobs, checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.problems import Problem

if TYPE_CHECKING:
    import click

    from portal.plugin_host.context import PluginContext


@dataclass(frozen=True)
class CliCommand:
    """A command under ``portal x PLUGIN``; it runs inside the application's context."""

    command: click.Command

    @property
    def name(self) -> str:
        """What is typed."""
        return self.command.name or ""


@dataclass(frozen=True)
class ScheduledJob:
    """Work that the worker does by itself, once however many workers there are.

    `run(ctx)` is called every `every_minutes` (or, with `at` like ``"03:30"``, once a day at that
    time in the portal's time zone). What it returns, a short sentence, is shown to administrators.
    After `limit_seconds` nobody waits for it any more and it counts as failed.
    """

    name: str
    title: str
    run: Callable[[PluginContext], str | None]
    every_minutes: int = 60
    at: str = ""
    limit_seconds: int = 600


@dataclass(frozen=True)
class HealthCheck:
    """Something ``portal doctor`` looks at. `check(ctx)` gives a Problem for each finding."""

    name: str
    title: str
    check: Callable[[PluginContext], Iterable[Problem]]
