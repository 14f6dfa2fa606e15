"""The door to the workflow room: the catalogue of step kinds, the steps of projects."""

from __future__ import annotations

from portal.workflow.catalogue import catalogue, step_page
from portal.workflow.changes import act, add, remove, try_again
from portal.workflow.reading import add_page, steps_of
from portal.workflow.running import run_due

__all__ = [
    "act",
    "add",
    "add_page",
    "catalogue",
    "remove",
    "run_due",
    "step_page",
    "steps_of",
    "try_again",
]
