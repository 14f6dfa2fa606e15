"""The files that are being imported: a folder, one file with what lies beside it, or a zip.

A tree lists and reads what is inside it and nothing else. No path that a document contains is ever
opened as it stands; it is looked up in the tree.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

SKIPPED_FOLDERS = frozenset({"node_modules", "__MACOSX"})
CHUNK_BYTES = 1 << 20


class Tree(Protocol):
    """Files by POSIX path relative to the root."""

    @property
    def name(self) -> str:
        """The name of the root folder or archive, without suffix."""

    @property
    def files(self) -> Mapping[str, int]:
        """The files to import with their sizes in bytes, in order of their paths."""

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Folders that the system did not let us list."""

    def find(self, path: str) -> str | None:
        """The file at `path`, which may differ from it in case and Unicode form, or None."""

    def size(self, path: str) -> int:
        """The size in bytes of a file that `find` gave."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of a file that `find` gave. Raises `OSError` and `ProblemError` JS-2004."""

    def folder_above(self, levels: int) -> str:
        """The name, for people, of the folder `levels` above the root; empty if there is none."""

    def close(self) -> None:
        """Let go of open files."""


def is_skipped(path: str) -> bool:
    """Whether `path` is hidden, or in a folder that is hidden or never holds documents."""
    return any(part.startswith(".") or part in SKIPPED_FOLDERS for part in path.split("/"))


class PathIndex:
    """Finds paths exactly, or else without regard to case (Windows and macOS do not)."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        for path in paths:
            key = unicodedata.normalize("NFC", path)
            self._exact[key] = path
            self._folded.setdefault(key.casefold(), path)

    def find(self, path: str) -> str | None:
        """The path as listed, or None."""
        key = unicodedata.normalize("NFC", path)
        return self._exact.get(key) or self._folded.get(key.casefold())


class FolderTree:
    """A folder on disk, or `only` one file of it together with what that file refers to.

    Links are never a way out: linked folders are not entered, and a linked file counts only if it
    really lies inside the root.
    """

    def __init__(self, root: Path, *, only: str = "") -> None:
        self._root = root.resolve()
        self._only = only
        self.name = self._root.name
        self.unreadable: tuple[str, ...] = ()
        self.files: Mapping[str, int] = (
            {only: self.size(only)} if only else dict(sorted(self._walk()))
        )
        self._index = PathIndex(self.files)

    def find(self, path: str) -> str | None:
        found = self._index.find(path)
        if found or not self._only or is_skipped(path):
            return found
        # The surroundings of a single file may be anything, so they are asked, not listed.
        try:
            return path if self._is_inside(path) and (self._root / path).is_file() else None
        except (OSError, ValueError):  # a name no file can have
            return None

    def size(self, path: str) -> int:
        return (self._root / path).stat().st_size

    def chunks(self, path: str) -> Iterator[bytes]:
        if not self._is_inside(path):  # replaced by a link since it was listed
            raise PermissionError(path)
        with (self._root / path).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def folder_above(self, levels: int) -> str:
        parents = self._root.parents
        # "Import the whole disk" is no advice.
        return str(parents[levels - 1]) if levels < len(parents) else ""

    def close(self) -> None:
        pass

    def _walk(self) -> Iterator[tuple[str, int]]:
        folders = [""]
        while folders:
            prefix = folders.pop()
            try:
                with os.scandir(self._root / prefix) as opened:
                    entries = list(opened)
            except OSError:
                self.unreadable += (prefix.rstrip("/"),)
                continue
            for entry in entries:
                if is_skipped(entry.name):
                    continue
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path + "/")
                elif (size := self._size_of_ours(entry, path)) is not None:
                    yield path, size

    def _size_of_ours(self, entry: os.DirEntry[str], path: str) -> int | None:
        """The size of a file, or of what a link leads to, if that is inside the root."""
        try:
            is_ours = entry.is_file() and (not entry.is_symlink() or self._is_inside(path))
            return entry.stat().st_size if is_ours else None
        except OSError:  # a link to itself, a file that has just gone
            return None

    def _is_inside(self, path: str) -> bool:
        return Path(os.path.realpath(self._root / path)).is_relative_to(self._root)
