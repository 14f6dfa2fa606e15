"""What several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from portal import create_app, migrate, plugin_host
from portal.settings import load


@contextmanager
def portal_app(*, check_database: bool = True, lenient: bool = False) -> Iterator[Flask]:
    """The application inside its context; its connections are closed at the end.

    `lenient` puts strict mode off, for commands that set right what it would refuse.
    Raises ProblemError JS-1002/JS-1003 when the database cannot be used as it is.
    """
    from portal.db import db

    settings = load()
    app = create_app(settings.model_copy(update={"plugins_strict": False}) if lenient else settings)
    with app.app_context():
        try:
            if check_database:
                migrate.require_current()
            yield app
            if check_database:
                plugin_host.host().ledger.flush()
        finally:
            # What plugins have been told of is done before the command ends.
            plugin_host.host().settle()
            plugin_host.host().let_go()
            db.session.remove()
            db.engine.dispose()
