"""What several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from portal import create_app, migrate


@contextmanager
def portal_app(*, check_database: bool = True) -> Iterator[Flask]:
    """The application inside its context; its connections are closed at the end.

    Raises ProblemError JS-1002/JS-1003 when the database cannot be used as it is.
    """
    from portal.db import db

    app = create_app()
    with app.app_context():
        try:
            if check_database:
                migrate.require_current()
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
