"""Collections of Markdown pages with their pictures: a file, a folder or a zip.

Nothing outside what is imported is ever read, and no page stops the others: what is wrong with one
is a `Problem` in the result.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from kb.document import Document
from kb.frontmatter import parse_document
from kb.importers import findings
from kb.importers.archive import open_tree
from kb.importers.decode import decode
from kb.importers.paths import common_base, slug_for
from kb.importers.resolve import PAGE_SUFFIXES, Resolution, Resolver
from kb.importers.targets import Target, find_targets, rewrite
from kb.importers.tree import FolderTree, Tree
from kb.media import size_limit
from kb.problems import Problem, ProblemError

__all__ = [
    "Collection",
    "MediaFile",
    "SourceLink",
    "SourceMedia",
    "SourcePage",
    "common_base",
    "read_collection",
    "rewrite",
    "slug_for",
]

MAX_PAGE_BYTES = 1024**2

_VIDEOS = frozenset({".mp4", ".webm"})
_COMPANIONS = (".vtt", ".jpg", ".png", ".webp")


@dataclass(frozen=True)
class SourceLink:
    """A link on a page.

    `target` is as written (what `rewrite` asks for), `line` counts in the file from 1. `path` is
    the page of the collection it leads to, or for ``"file"`` a key of `Collection.media`.
    """

    target: str
    kind: Literal["page", "file", "outside", "missing", "remote", "mail", "anchor"]
    path: str = ""
    anchor: str = ""
    line: int = 0


@dataclass(frozen=True)
class SourceMedia:
    """A picture, video or captions file shown on a page; `path` is a key of `Collection.media`
    if it is ``"inside"``. ``"embedded"`` is a ``data:`` address."""

    target: str
    kind: Literal["inside", "outside", "missing", "remote", "embedded"]
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class SourcePage:
    """A page that came in; `path` is relative to what was imported, `sha256` that of the file."""

    path: str
    document: Document
    encoding: str
    sha256: str
    links: tuple[SourceLink, ...] = ()
    media: tuple[SourceMedia, ...] = ()


@dataclass(frozen=True)
class MediaFile:
    """A file that pages show or link to. Its content is not yet checked (see `kb.media`)."""

    path: str
    size: int
    sha256: str
    _tree: Tree = field(repr=False, compare=False)

    def chunks(self) -> Iterator[bytes]:
        """The content, piece by piece. Raises `OSError` and `ProblemError` JS-2004."""
        return self._tree.chunks(self.path)

    def read(self) -> bytes:
        """The whole content. Raises as `chunks` does."""
        return b"".join(self.chunks())


@dataclass(frozen=True)
class Collection:
    """What was read. Use it in a ``with`` statement, or `close` it, once its media are copied.

    `refused` are the paths of pages that did not come in; `problems` says why, and what else is to
    be looked at.
    """

    root_name: str
    pages: tuple[SourcePage, ...]
    media: Mapping[str, MediaFile]
    problems: tuple[Problem, ...]
    refused: tuple[str, ...]
    _tree: Tree = field(repr=False, compare=False)

    def companions(self, path: str) -> tuple[str, ...]:
        """What lies beside the video at `path` under its name: captions and a poster."""
        return tuple(beside for beside in _beside(path) if beside in self.media)

    @property
    def base(self) -> str:
        """The deepest folder that holds all pages; their slugs are relative to it."""
        return common_base(page.path for page in self.pages)

    def close(self) -> None:
        """Close the archive; `MediaFile.read` no longer works then."""
        self._tree.close()

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_collection(
    path: Path, *, progress: Callable[[int, int, str], None] | None = None
) -> Collection:
    """Read all Markdown pages of a folder or zip, or one file, with their links and media.

    `progress` is told (pages done, pages in all, path of the page just read). Hidden files and
    folders, ``node_modules`` and the like are passed over. Raises `FileNotFoundError`, and
    `ProblemError` JS-2004 if a zip cannot be trusted as a whole.
    """
    tree = open_tree(path)
    try:
        # A single file is a page by request, whatever its suffix.
        takes_all = isinstance(tree, FolderTree) and path.is_file()
        return _Reading(tree).collection(takes_all, progress)
    except BaseException:
        tree.close()
        raise


@dataclass(frozen=True)
class _Draft:
    """A page whose links are not resolved yet; `offset` is the lines in the file above its body."""

    path: str
    document: Document
    encoding: str
    sha256: str
    offset: int
    targets: list[Target]


class _Reading:
    """One run over a tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._problems = [findings.closed(path) for path in tree.unreadable]
        self._media: dict[str, MediaFile | None] = {}

    def collection(
        self, takes_all: bool, progress: Callable[[int, int, str], None] | None
    ) -> Collection:
        paths = [
            path for path in self._tree.files if takes_all or path.lower().endswith(PAGE_SUFFIXES)
        ]
        drafts: list[_Draft] = []
        refused: list[str] = []
        for done, path in enumerate(paths, start=1):
            try:
                drafts.append(self._draft(path))
            except (ProblemError, OSError) as error:
                self._problems.append(findings.of(path, error))
                refused.append(findings.shown(path))
            if progress:
                progress(done, len(paths), findings.shown(path))
        resolver = Resolver(self._tree, [draft.path for draft in drafts])
        pages = tuple(self._page(draft, resolver) for draft in drafts)
        media = {path: file for path, file in sorted(self._media.items()) if file}
        return Collection(
            self._tree.name, pages, media, tuple(self._problems), tuple(refused), self._tree
        )

    def _draft(self, path: str) -> _Draft:
        if findings.shown(path) != path:
            raise ProblemError(findings.misnamed(path))
        size = self._tree.size(path)
        if size > MAX_PAGE_BYTES:
            raise ProblemError(findings.too_large(path, size, MAX_PAGE_BYTES))
        data = b"".join(self._tree.chunks(path))
        text, encoding = decode(data, where=path)
        document = parse_document(text, where=path)
        # Front matter and title are all that stands above the body.
        offset = text.rstrip().count("\n") - document.body.rstrip().count("\n")
        digest = hashlib.sha256(data).hexdigest()
        return _Draft(path, document, encoding, digest, offset, find_targets(document.body))

    def _page(self, draft: _Draft, resolver: Resolver) -> SourcePage:
        links: list[SourceLink] = []
        media: list[SourceMedia] = []
        reported: set[str] = set()
        for target in draft.targets:
            line = draft.offset + target.line
            found = self._taken_in(resolver.resolve(draft.path, target.address))
            if target.is_media:
                media.append(_as_media(target, found, line))
            else:
                links.append(_as_link(target, found, line))
            if target.text not in reported:
                reported.add(target.text)
                where = f"{draft.path}:{line}"
                self._problems += findings.about(target, found, self._tree, where)
        return SourcePage(
            draft.path, draft.document, draft.encoding, draft.sha256, tuple(links), tuple(media)
        )

    def _taken_in(self, found: Resolution) -> Resolution:
        """Take the file that was found into the collection; refused ones are as if missing."""
        if found.kind != "file":
            return found
        if found.path not in self._media:
            self._media[found.path] = self._media_file(found.path)
            for name in _beside(found.path):
                if (beside := self._tree.find(name)) and beside not in self._media:
                    self._media[beside] = self._media_file(beside)
        return found if self._media[found.path] else replace(found, kind="refused")

    def _media_file(self, path: str) -> MediaFile | None:
        try:
            size = self._tree.size(path)
            if size > size_limit(path):
                raise ProblemError(findings.too_large(path, size, size_limit(path)))
            digest = hashlib.sha256()
            for chunk in self._tree.chunks(path):
                digest.update(chunk)
        except (ProblemError, OSError) as error:
            # The pages come in without it.
            self._problems.append(replace(findings.of(path, error), severity="warning"))
            return None
        return MediaFile(path, size, digest.hexdigest(), self._tree)


def _beside(path: str) -> Iterator[str]:
    """Where the captions and the poster of a video may lie; nothing for what is no video."""
    stem, suffix = posixpath.splitext(path)
    if suffix.lower() in _VIDEOS:
        yield from (stem + companion for companion in _COMPANIONS)


def _as_link(target: Target, found: Resolution, line: int) -> SourceLink:
    kind = found.kind
    if kind == "embedded" or kind == "refused":
        kind = "missing"
    return SourceLink(target.text, kind, found.path, found.anchor, line)


def _as_media(target: Target, found: Resolution, line: int) -> SourceMedia:
    kind = found.kind
    if kind == "file":
        return SourceMedia(target.text, "inside", found.path, line)
    if kind == "outside" or kind == "remote" or kind == "embedded":
        return SourceMedia(target.text, kind, "", line)
    return SourceMedia(target.text, "missing", "", line)
