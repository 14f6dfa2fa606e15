"""Building folders and archives, honest and otherwise, and looking at what was read."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from kb.importers.markdown_folder import Collection, SourcePage
from kb.problems import Problem

PNG = b"\x89PNG\r\n\x1a\n"


class RawEntry(zipfile.ZipInfo):
    """An entry whose name is written byte for byte, not marked as UTF-8."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw.hex())
        self.raw = raw
        self.compress_type = zipfile.ZIP_DEFLATED

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits & ~0x800


Entry = tuple[str | bytes | zipfile.ZipInfo, bytes | str]


def make_zip(path: Path, entries: Mapping[str, bytes | str] | list[Entry]) -> Path:
    """A zip; names given as bytes are written as they are."""
    pairs = list(entries.items()) if isinstance(entries, Mapping) else entries
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(RawEntry(name) if isinstance(name, bytes) else name, content)
    return path


def make_tree(root: Path, files: Mapping[str, bytes | str]) -> Path:
    """A folder with `files`."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def page(collection: Collection, path: str) -> SourcePage:
    return next(page for page in collection.pages if page.path == path)


def links(page: SourcePage) -> dict[str, tuple[str, str, str]]:
    return {link.target: (link.kind, link.path, link.anchor) for link in page.links}


def media(page: SourcePage) -> dict[str, tuple[str, str]]:
    return {item.target: (item.kind, item.path) for item in page.media}


def said(collection: Collection) -> list[tuple[str, str, str]]:
    for problem in collection.problems:
        assert "%(" not in problem.text() + problem.next_step()
        assert problem.next_step()
    return [(problem.code, problem.where, problem.severity) for problem in collection.problems]


def only(collection: Collection) -> Problem:
    (problem,) = collection.problems
    return problem
