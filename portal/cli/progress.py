"""A progress bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from kb.progress import Progress


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    """Give a function to report progress to; it draws on standard error."""
    shown = -1
    if sys.stderr.isatty():
        with click.progressbar(length=1, label=label, file=sys.stderr) as drawn:

            def draw(done: int, total: int, _what: str) -> None:
                drawn.length = max(total, 1)
                drawn.update(done - drawn.pos)

            yield draw
        return

    def tell(done: int, total: int, _what: str) -> None:
        nonlocal shown
        tenth = done * 10 // max(total, 1)
        if tenth != shown:
            shown = tenth
            click.echo(f"{label} {done}/{total}", err=True)

    yield tell
