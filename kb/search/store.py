"""Where the index lies on disk: generations, the pointer to the live one, and the one writer.

``CURRENT`` names the live generation, a folder with a Whoosh index and a ``VERSION``. A rebuild
makes a new folder and replaces ``CURRENT`` in one step, so that a reader sees the old index or the
new one and a crash leaves the old. Inside a generation Whoosh commits in the same manner.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader
from whoosh.util.filelock import FileLock, try_for
from whoosh.writing import NO_MERGE, SegmentWriter

from kb.search.model import IndexUnavailable, SearchDocument
from kb.search.segment import Files, SegmentView, fields, reading, schema
from kb.search.snapshot import Part, Place, Snapshot
from kb.search.whoosh_codec import ArrayCodec
from kb.text import ANALYSIS_VERSION

VERSION = f"whoosh-1/{ANALYSIS_VERSION}"
LOCK_SECONDS = 30.0
_NAME = "MAIN"
_ATTEMPTS = 8
_TIERS = (8, 64)
"""Segments of up to so many documents are merged when eight of them have gathered."""


class IndexBusy(IndexUnavailable):
    """Another process has been writing for longer than a writer waits; try again later."""


class Store:
    """The folder of an index. Knows nothing of queries."""

    def __init__(self, path: Path, *, lock_seconds: float = LOCK_SECONDS) -> None:
        self.path = path
        self._lock_seconds = lock_seconds

    def generation(self) -> Path:
        """The folder of the live generation. Raises IndexUnavailable."""
        try:
            name = (self.path / "CURRENT").read_text(encoding="ascii").strip()
            version = (self.path / name / "VERSION").read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise IndexUnavailable(f"there is no search index in {self.path}") from error
        if version != VERSION:
            raise IndexUnavailable(f"the search index is of version {version}, not {VERSION}")
        return self.path / name

    def key(self) -> tuple[str, int]:
        """Generation and commit that are live now. Raises IndexUnavailable."""
        folder = self.generation()
        return folder.name, _latest(folder)

    def open(self, old: Snapshot | None = None) -> Snapshot:
        """The live index, with the segments `old` has open already. Raises IndexUnavailable."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._open(old)
            except IndexUnavailable:
                # A writer may have removed a file between our reading of its name and opening it.
                if attempt == _ATTEMPTS - 1 or not (self.path / "CURRENT").exists():
                    raise
                time.sleep(0.01 * (attempt + 1))
        raise AssertionError("unreachable")

    def _open(self, old: Snapshot | None) -> Snapshot:
        folder = self.generation()
        commit = _latest(folder)
        with Files(folder) as files, reading():
            segments = TOC.read(files, _NAME, gen=commit, schema=schema()).segments
        known = {part.view.id: part.view for part in old.parts} if old else {}
        parts = []
        for segment in segments:
            view = known.get(segment.segment_id()) or SegmentView(folder, segment)
            parts.append(Part(view, frozenset(segment.deleted_docs())))
        return Snapshot((folder.name, commit), tuple(parts))

    def bytes(self) -> int:
        """Size of the live generation on disk."""
        total = 0
        for file in self.generation().iterdir():
            with suppress(OSError):  # gone since it was listed
                total += file.stat().st_size
        return total

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one writer among all processes. Raises IndexBusy after the waiting time.

        The lock belongs to the open file: the system frees it when its process dies.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self.path / "write.lock"))
        if not try_for(lock.acquire, timeout=self._lock_seconds, delay=0.02):
            raise IndexBusy("another process is writing to the search index")
        try:
            yield
        finally:
            lock.release()

    def change(
        self, snapshot: Snapshot, added: Iterable[SearchDocument], gone: Iterable[str]
    ) -> None:
        """Commit a batch; the caller holds the lock and `snapshot` is the live one."""
        folder = self.path / snapshot.key[0]
        _clear_leftovers(folder)
        with _writing(folder, _merge_small) as writer:
            starts = [0]
            for part in snapshot.parts:
                starts.append(starts[-1] + part.view.count)
            for id_ in gone:
                place: Place | None = snapshot.places.get(id_)
                if place is not None:
                    writer.delete_document(starts[place.part] + place.number)
            for document in added:
                writer.add_document(**fields(document))

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Build a new generation and make it the live one; the caller holds the lock."""
        name = f"g{time.time_ns():x}{secrets.token_hex(2)}"
        folder = self.path / name
        folder.mkdir(parents=True)
        try:
            (folder / "VERSION").write_text(VERSION, encoding="ascii")
            with Files(folder) as files:
                FileIndex.create(files, schema(), _NAME)
            numbers: dict[str, int] = {}
            with _writing(folder, NO_MERGE) as writer:
                for document in documents:
                    if document.id in numbers:  # the later one counts
                        writer.newsegment.delete_document(numbers[document.id])
                    numbers[document.id] = writer.docnum
                    writer.add_document(**fields(document))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        pointer = self.path / f"CURRENT.{name}"
        pointer.write_text(name, encoding="ascii")
        pointer.replace(self.path / "CURRENT")
        self._remove_others(name)
        return len(numbers)

    def _remove_others(self, live: str) -> None:
        # Readers keep the files they have open; where a system forbids removing open files
        # the next rebuild removes them.
        for item in self.path.iterdir():
            if item.is_dir() and item.name.startswith("g") and item.name != live:
                shutil.rmtree(item, ignore_errors=True)
            elif item.name.startswith("CURRENT."):
                item.unlink(missing_ok=True)


def _latest(folder: Path) -> int:
    latest = -1
    try:
        names = os.listdir(folder)  # noqa: PTH208 - on the way of every search, and quicker
    except OSError as error:
        raise IndexUnavailable(f"the search index is gone: {error}") from error
    for name in names:
        if name.endswith(".toc") and name.startswith(f"_{_NAME}_"):
            number = name[len(_NAME) + 2 : -4]
            latest = max(latest, int(number) if number.isdigit() else -1)
    if latest < 0:
        raise IndexUnavailable("the search index has no table of contents")
    return latest


@contextmanager
def _writing(folder: Path, merge: Callable[[Any, list[Any]], list[Any]]) -> Iterator[Any]:
    """Whoosh's writer: commits at the end of the block, or leaves the index as it was."""
    with Files(folder) as files:
        with reading():
            index = FileIndex(files, schema(), _NAME)
            writer = SegmentWriter(index, codec=ArrayCodec(), compound=False, _lk=False, limitmb=64)
        yield writer
        with reading():  # a merge reads old segments, which may be damaged
            writer.commit(mergetype=merge)


def _clear_leftovers(folder: Path) -> None:
    """Remove what a writer that was killed left and Whoosh does not clean up itself."""
    shutil.rmtree(folder / f"{_NAME}.tmp", ignore_errors=True)
    for file in folder.glob(f"_{_NAME}_*.toc.*"):
        file.unlink(missing_ok=True)


def _merge_small(writer: Any, segments: list[Any]) -> list[Any]:
    """Whoosh merge policy: eight small segments become one, large ones are left alone.

    What deletions leave in large segments goes with the next rebuild.
    """
    kept = [s for s in segments if s.doc_count() > 0]
    # The larger merge takes up to a second: not in the way of somebody who saves one article.
    patient = writer.doc_count() >= 16 or len(kept) >= 24
    for limit in _TIERS if patient else _TIERS[:1]:
        small = [s for s in kept if s.doc_count_all() < limit]
        if len(small) < 8:
            continue
        for segment in small:
            _copy(writer, segment)
        merged = {s.segment_id() for s in small}
        return [s for s in kept if s.segment_id() not in merged]
    return kept


def _copy(writer: Any, segment: Any) -> None:
    """Whoosh's `add_reader`, with whole posting lists instead of one matcher per term."""
    reader = SegmentReader(writer.storage, writer.schema, segment)
    first = writer.docnum
    numbers = writer.write_per_doc(set(writer.schema.names()), reader)
    if numbers is None:  # nothing was deleted: the numbers only move up
        numbers = {i: first + i for i in range(segment.doc_count_all())}
    add = writer.pool.add
    for field, term, (documents, weights) in reader._terms.everything():
        for document, weight in zip(documents, weights, strict=True):
            if document in numbers:
                add((field, term, numbers[document], weight, b""))
    writer._added = True
    reader.close()
