"""A project to put steps into, and a plugin whose automatic step does what the test says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.db import db
from portal.plugin_host import host
from portal.workflow.models import RunStep
from tests.portal.plugins.conftest import load, write_plugin  # noqa: F401
from tests.portal.projects.conftest import app, lead, project  # noqa: F401

KINDS = """
import threading, time
from datetime import timedelta
from pydantic import BaseModel

class Config(BaseModel):
    words: str = "hello"
{config}

def enter(ctx, step):
    with (ctx.data_dir / "entered").open("a") as file:
        file.write(f"{{step.key}} {{step.attempt}} {{step.config.words}}\\n")
{body}

def nothing(ctx, step):
    return Done("ok")

@hookimpl
def portal_workflow_step_kinds(ctx):
    ok, no = Outcome("ok", "成了"), Outcome("no", "不成")
    return [
        WorkflowStepKind("robot", "机器", "自己做", Config, (ok, no), enter=enter,
                         repeat_safe={repeat_safe}),
        WorkflowStepKind("quick", "快的", "自己做", Config, (ok,), enter=nothing),
        WorkflowStepKind("sign", "签字", "人来做", Config, (ok, no), human=True),
    ]

@hookimpl
def portal_on_step_finished(ctx, step):
    with (ctx.data_dir / "heard").open("a") as file:
        told = f"{{step.key}} {{step.kind}} {{step.outcome}} {{step.by}} {{step.project.id}}"
        file.write(told + "\\n")
"""

Robot = Callable[..., None]


class Notes:
    """What the plugin has written down."""

    def read(self, name: str) -> list[str]:
        """The lines of a file."""
        host().settle()
        path = host().settings.home / "plugins" / "robots" / name
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def notes() -> Notes:
    """What the plugin has written down."""
    return Notes()


@pytest.fixture
def robot(write_plugin: Callable[..., Path]) -> Robot:  # noqa: F811
    """(Re)write the plugin ``robots``: the body of its step's `enter`."""
    written = 0

    def mend(body: str, *, repeat_safe: bool = True, config: str = "") -> None:
        nonlocal written
        written += 1
        source = KINDS.format(body=f"    {body}", repeat_safe=repeat_safe, config=config)
        path = write_plugin("robots", source)
        # The file counts as another one when its time is another one.
        os.utime(path, (written, written))
        host().reload()

    return mend


def steps() -> list[RunStep]:
    """All steps, in order, as the database has them now."""
    db.session.rollback()
    return db.session.query(RunStep).order_by(RunStep.position).all()


def only() -> RunStep:
    """The one step there is."""
    (step,) = steps()
    return step
