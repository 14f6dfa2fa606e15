"""The files of an index: its generations, the pointer to the live one, the one writer.

``CURRENT`` names the live generation, an SQLite file. A rebuild writes a new file and replaces
``CURRENT`` in one step; each generation has a name of its own, so that SQLite's side files never
meet a database they do not belong to. A batch of changes is one transaction on the live file.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kb.search.model import IndexUnavailable, SearchDocument
from kb.search.segment import reading
from kb.text import ANALYSIS_VERSION
from plugins.search_fts5.rows import Writer

VERSION = f"fts5-1/{ANALYSIS_VERSION}"
LOCK_SECONDS = 30.0
_READ_SECONDS = 5.0
_ATTEMPTS = 4

# Terms come ready from the shared analysis: FTS5 only has to part them at the spaces. Its ascii
# tokenizer leaves everything beyond ASCII as it is.
_SCHEMA = """
    CREATE TABLE state (version TEXT NOT NULL, changes INTEGER NOT NULL);
    CREATE TABLE articles (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        meta BLOB NOT NULL, outline BLOB NOT NULL, sections BLOB NOT NULL
    );
    CREATE TABLE wholes (term TEXT NOT NULL, number INTEGER NOT NULL);
    CREATE INDEX wholes_term ON wholes (term);
    CREATE INDEX wholes_number ON wholes (number);
    CREATE VIRTUAL TABLE terms USING fts5 (
        body, headings, labels, title, content = '', tokenize = "ascii tokenchars '-_.'"
    );
"""


class IndexBusy(IndexUnavailable):
    """Another process has been writing for longer than a writer waits; try again later."""


class Store:
    """The folder of an index. Knows nothing of queries."""

    def __init__(self, path: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.path = path
        self._lock_seconds = lock_seconds

    def generation(self) -> str:
        """The name of the live file. Raises IndexUnavailable."""
        try:
            name = (self.path / "CURRENT").read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise IndexUnavailable(f"there is no search index in {self.path}") from error
        if not name.startswith("g") or not name.isalnum():
            raise IndexUnavailable(f"{self.path / 'CURRENT'} does not name a file of the index")
        return name

    def open(self) -> tuple[str, sqlite3.Connection]:
        """The live generation and a connection to it. Raises IndexUnavailable."""
        for _ in range(_ATTEMPTS):
            name = self.generation()
            try:
                return name, self._connect(name)
            except IndexUnavailable:
                # A rebuild may have removed the file since we read its name.
                if self.generation() == name:
                    raise
        raise IndexUnavailable("the search index is being rebuilt again and again")

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.sqlite"

    def _connect(self, name: str) -> sqlite3.Connection:
        with reading():
            # mode=rw: an index that is gone must not come back as an empty file.
            connection = sqlite3.connect(
                f"{self._file(name).resolve().as_uri()}?mode=rw",
                uri=True,
                timeout=_READ_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            with reading():
                ((version,),) = connection.execute("SELECT version FROM state").fetchall()
                if version != VERSION:
                    message = f"the search index is of version {version}, not {VERSION}"
                    raise IndexUnavailable(message)
        except BaseException:
            connection.close()
            raise
        return connection

    def bytes(self) -> int:
        """Size of the live generation on disk."""
        total = 0
        for file in self.path.glob(f"{self.generation()}.sqlite*"):
            with suppress(OSError):  # gone since it was listed
                total += file.stat().st_size
        return total

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one writer among all processes. Raises IndexBusy after the waiting time.

        The lock is a transaction on a database that stays empty: the system frees it when its
        process dies.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        file = self.path / "lock.sqlite"
        with closing(
            sqlite3.connect(file, timeout=self._lock_seconds, isolation_level=None)
        ) as lock:
            try:
                lock.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise IndexBusy("another process is writing to the search index") from error
            except sqlite3.DatabaseError as error:
                file.unlink(missing_ok=True)  # scribbled on; there was nothing in it
                raise IndexBusy("the lock of the search index was damaged; try again") from error
            yield

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """A batch on the live generation, committed when the block ends without error."""
        with self.locked():
            _, connection = self.open()
            with closing(connection):
                with reading():
                    connection.execute("BEGIN IMMEDIATE")
                yield Writer(connection)
                with reading():
                    connection.execute("UPDATE state SET changes = changes + 1")
                    connection.execute("COMMIT")

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Write a new generation and make it the live one; gives the number of articles."""
        with self.locked():
            name = f"g{time.time_ns():x}{secrets.token_hex(2)}"
            try:
                count = self._build(name, documents)
            except BaseException:
                self._remove(name)
                raise
            pointer = self.path / f"CURRENT.{name}"
            pointer.write_text(name, encoding="ascii")
            pointer.replace(self.path / "CURRENT")
            for file in self.path.glob("g*.sqlite"):
                if file.stem != name:
                    self._remove(file.stem)
            for leftover in self.path.glob("CURRENT.g*"):
                leftover.unlink(missing_ok=True)
            return count

    def _build(self, name: str, documents: Iterable[SearchDocument]) -> int:
        with closing(sqlite3.connect(self._file(name), isolation_level=None)) as connection:
            with reading():
                connection.execute("PRAGMA journal_mode = OFF")  # a failure throws the file away
                connection.executescript(_SCHEMA)
                connection.execute("INSERT INTO state VALUES (?, 0)", [VERSION])
                connection.execute("BEGIN")
            writer = Writer(connection)
            for document in documents:
                writer.add(document)
            with reading():
                connection.execute("COMMIT")
                connection.execute("INSERT INTO terms (terms) VALUES ('optimize')")
                connection.execute("PRAGMA journal_mode = WAL")  # readers and a writer at once
                ((count,),) = connection.execute("SELECT count(*) FROM articles")
        return int(count)

    def _remove(self, name: str) -> None:
        # Readers keep the files they have open; where a system forbids removing open files
        # the next rebuild removes them.
        for file in self.path.glob(f"{name}.sqlite*"):
            with suppress(OSError):
                file.unlink()
