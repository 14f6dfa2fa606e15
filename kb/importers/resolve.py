"""What the links of an imported page lead to, inside the collection and out of it."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from kb.importers.tree import Tree

Kind = Literal[
    "page", "file", "outside", "missing", "refused", "remote", "mail", "anchor", "embedded"
]

PAGE_SUFFIXES = (".md", ".markdown")
INDEX_NAMES = ("index", "README", "readme")
_WEB_SUFFIXES = (".html", ".htm", ".mdx")
# Of at least two letters: `D:` is a drive.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.I)
_REMOTE = frozenset({"http", "https", "ftp", "ftps"})
_MAIL = frozenset({"mailto", "tel", "sms"})
_LOCAL = re.compile(r"file:|[a-z]:[\\/]|\\", re.I)


@dataclass(frozen=True)
class Resolution:
    """Where a target leads.

    `path` is the page or file inside the collection, or, if it is missing, where it should be;
    `levels` says for an outside one how far above the root it lies (0: it names a disk, or is a
    page that did not come in); `exact` is False if its name was only found by ignoring case.
    """

    kind: Kind
    path: str = ""
    anchor: str = ""
    levels: int = 0
    exact: bool = True


class Resolver:
    """Resolves targets against the files of a tree; `pages` are those that are imported."""

    def __init__(self, tree: Tree, pages: Collection[str]) -> None:
        self._tree = tree
        self._pages = frozenset(pages)

    def resolve(self, page: str, address: str) -> Resolution:
        """Where `address`, as it appears on `page`, leads. Query strings are dropped."""
        if special := _special(address):
            return special
        path, _, anchor = address.partition("#")
        path = path.partition("?")[0].replace("\\", "/").strip()
        anchor = _unquoted(anchor)
        if not path:
            return Resolution("anchor", page, anchor)
        first = ""
        for candidate in _candidates(posixpath.dirname(page), path):
            # Out of the root and straight in again.
            candidate = candidate.removeprefix(f"../{self._tree.name}/")
            if found := self._find(candidate):
                return self._found(*found, anchor)
            first = first or candidate
        levels = first.split("/").count("..")
        if levels:
            return Resolution("outside", anchor=anchor, levels=levels)
        return Resolution("missing", first, anchor)

    def _found(self, path: str, exact: bool, anchor: str) -> Resolution:
        if path in self._pages:
            return Resolution("page", path, anchor, exact=exact)
        if path.lower().endswith(PAGE_SUFFIXES):
            # There, but refused, or beside the single page that is imported.
            return Resolution("outside", path, anchor)
        return Resolution("file", path, anchor, exact=exact)

    def _find(self, path: str) -> tuple[str, bool] | None:
        """The file meant by `path`, which may leave out or misname the suffix of a page; and
        whether its name is spelt like that."""
        stem, suffix = posixpath.splitext(path)
        stem = stem if suffix.lower() in (*_WEB_SUFFIXES, *PAGE_SUFFIXES) else path
        for name in (path, *(stem + suffix for suffix in PAGE_SUFFIXES)):
            if found := self._tree.find(name):
                return found, _same(found, name)
        for index in INDEX_NAMES:
            for suffix in PAGE_SUFFIXES:
                if found := self._tree.find(posixpath.normpath(f"{stem}/{index}{suffix}")):
                    return found, _same(posixpath.dirname(found), "" if stem == "." else stem)
        return None


def _same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _special(address: str) -> Resolution | None:
    """The resolution of an address that is no path at all."""
    if address.startswith("//"):
        return Resolution("remote")
    if _LOCAL.match(address):
        return Resolution("outside")
    scheme = _SCHEME.match(address)
    if scheme is None:
        return None
    name = scheme[1].lower()
    if name in _REMOTE:
        return Resolution("remote")
    if name in _MAIL:
        return Resolution("mail")
    return Resolution("embedded") if name == "data" else None


def _candidates(folder: str, path: str) -> Iterator[str]:
    """Paths from the root that `path` on a page in `folder` may mean, the likeliest first.

    Percent-encoding is UTF-8, in old documents GB18030, and sometimes just part of a name.
    """
    for spelling in dict.fromkeys((_unquoted(path), _unquoted(path, "gb18030"), path)):
        if not spelling.startswith("/"):
            yield posixpath.normpath(posixpath.join(folder, spelling))
            continue
        # An address of the site the pages were on: its root may be any folder above the page.
        inner = posixpath.normpath(spelling).lstrip("/") or "."
        yield inner
        parts = folder.split("/") if folder else []
        for depth in range(1, len(parts) + 1):
            yield posixpath.normpath("/".join([*parts[:depth], inner]))


def _unquoted(text: str, encoding: str = "utf-8") -> str:
    """`text` without percent-encoding, unless that is not of this encoding."""
    try:
        return unquote(text, encoding=encoding, errors="strict")
    except UnicodeDecodeError:
        return text
