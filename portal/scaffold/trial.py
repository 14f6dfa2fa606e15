"""A portal for one trial: in a temporary folder, with the bundled plugins and the one tried."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from flask import Flask

from kb.problems import Problem
from portal import create_app
from portal.db import db
from portal.plugin_host import host
from portal.plugin_host.discovery import GROUP
from portal.plugin_host.states import Plugin, Source
from portal.plugin_host.structure import has_tables
from portal.scaffold.subject import Subject, brought
from portal.scaffold.tables import walk
from portal.settings import load

SETTLE_SECONDS = 5.0
"""What a plugin still does is waited for so long, before its database is taken away."""
BUDGET_MS = 10_000
"""On a busy machine nothing shall look slow that only waited for its turn."""


@dataclass(frozen=True)
class Trial:
    """A portal in which the plugin was loaded and everything it adds collected."""

    app: Flask
    plugin: Plugin
    problems: tuple[Problem, ...]
    """What is wrong with its migrations."""


@contextmanager
def trial(subject: Subject, config: Mapping[str, Any]) -> Iterator[Trial]:
    """Inside the application's context. Nothing of the caller's portal is read or touched."""
    with (
        tempfile.TemporaryDirectory(prefix="jinshi-") as home,
        _leaving_nothing(),
        brought(subject),
    ):
        settings = load(
            {},
            home=Path(home),
            anonymous_read=True,
            plugins={subject.name: config},
            plugins_disabled=tuple(others(subject.name)),
            plugins_budget_ms=BUDGET_MS,
        )
        app = create_app(settings)
        # Nothing is written in the background: the folder is gone before it would be.
        app.testing = True
        with app.app_context():
            try:
                db.create_all()
                problems = walk(plugin_of(subject))
                if has_tables(plugin_of(subject)):
                    host().reload()
                host().collect_all()
                host().settle()
                yield Trial(app, plugin_of(subject), problems)
            finally:
                host().close(SETTLE_SECONDS)
                db.session.remove()
                db.engine.dispose()


def plugin_of(subject: Subject) -> Plugin:
    """The plugin as the host of the current application has it."""
    bundled = subject.found is None
    return next(
        one
        for one in host().plugins
        if one.name == subject.name and (one.source is Source.BUNDLED) == bundled
    )


def others(name: str) -> Iterator[str]:
    """Installed plugins besides `name`: what they do is not in question."""
    yield from {point.name for point in entry_points(group=GROUP)} - {name}


@contextmanager
def _leaving_nothing() -> Iterator[None]:
    """No ``__pycache__`` beside the plugin; nothing in the log, which the findings would repeat."""
    bytecode, level = sys.dont_write_bytecode, logging.root.manager.disable
    sys.dont_write_bytecode = True
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        sys.dont_write_bytecode = bytecode
        logging.disable(level)
