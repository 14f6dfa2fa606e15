"""From the paths of imported pages to their addresses."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Iterable

from kb.importers.resolve import INDEX_NAMES
from kb.slugs import slugify

_INDEX = frozenset(name.lower() for name in INDEX_NAMES)


def common_base(pages: Iterable[str]) -> str:
    """The deepest folder that holds all `pages` (paths); empty for the root."""
    folders = [posixpath.dirname(page) for page in pages]
    return posixpath.commonpath(folders) if folders else ""


def slug_for(page_path: str, base: str = "", *, root_name: str = "") -> str:
    """The address of a page, relative to `base`: slugs of its folders and its name.

    ``index`` and ``README`` stand for their folder; the one in `base` itself for the name of `base`
    or, if that is the root, for `root_name`.
    """
    stem = posixpath.splitext(posixpath.relpath(page_path, base or "."))[0]
    parts = stem.split("/")
    if parts[-1].lower() in _INDEX:
        parts = parts[:-1] or [posixpath.basename(base) or root_name or "index"]
    return "/".join(_slug(part) for part in parts)


def _slug(part: str) -> str:
    # A name of punctuation only still needs an address, and the same one at each import.
    return slugify(part) or f"page-{zlib.crc32(part.encode()):08x}"
