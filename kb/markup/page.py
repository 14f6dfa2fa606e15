"""The state of one rendering: what links and media lead to, which ids are taken, what was seen."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from kb.markup.highlight import Effort
from kb.markup.model import LinkResolver, MediaRef, MediaResolver
from kb.markup.vocabulary import RESERVED_IDS, VIDEO_TYPES
from kb.slugs import heading_anchor

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
# What browsers drop from an address before they read its scheme.
_IGNORED = re.compile(r"[\x00-\x20\x7f]+")

_OWN_ANCHOR = re.compile(r"\w[\w.-]{0,99}")

EXTERNAL_SCHEMES = frozenset({"http", "https"})
SAFE_SCHEMES = EXTERNAL_SCHEMES | {"mailto", "tel"}


def scheme_of(target: str) -> str:
    """The scheme of an address as a browser reads it; ``//`` for ``//host/…``, else empty."""
    bare = _IGNORED.sub("", target).replace("\\", "/")
    if bare.startswith("//"):
        return "//"
    match = _SCHEME.match(bare)
    return match[1].lower() if match else ""


def is_local(target: str) -> bool:
    """Whether an address stays on this site."""
    return not scheme_of(target)


def _reserved(anchor: str) -> bool:
    return anchor.lower() in RESERVED_IDS or anchor.lower().startswith(("page-", "tab-"))


@dataclass
class Page:
    """State of one rendering, shared by everything that takes part in it."""

    link: LinkResolver | None = None
    media: MediaResolver | None = None
    seal: str = field(default_factory=lambda: secrets.token_hex(12))
    """Unguessable mark before the values of attributes that only the renderer may set."""
    links: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    levels: list[int] = field(default_factory=list)
    heading: str = ""
    tables: int = 0
    pictures: int = 0
    effort: Effort = field(default_factory=Effort)
    open_tags: int = 0
    code_keys: set[int] = field(default_factory=set)
    """Numbers of stashed blocks that are code, or HTML that is done with."""

    def sign(self, value: str) -> str:
        """`value` for an attribute of `SIGNED_ATTRIBUTES`: the sanitiser drops unsigned ones."""
        return self.seal + value

    def outline_level(self, level: int) -> int:
        """The level (2 to 6) of the next heading: its depth in the outline; none is skipped."""
        while self.levels and self.levels[-1] >= level:
            self.levels.pop()
        self.levels.append(level)
        return min(len(self.levels) + 1, 6)

    def anchor(self, text: str, wanted: str = "") -> str:
        """A new anchor for the heading `text`, or the author's own (`wanted`) where it will do.

        Never one that page templates use.
        """
        if _OWN_ANCHOR.fullmatch(wanted) and wanted not in self.taken and not _reserved(wanted):
            self.taken.add(wanted)
            return wanted
        anchor = heading_anchor(wanted or text, set())
        return heading_anchor(f"s-{anchor}" if _reserved(anchor) else anchor, self.taken)

    def table_region(self) -> dict[str, str]:
        """Attributes of the region around the next table; its label tells it from the others."""
        self.tables += 1
        label = f"表格 {self.tables}" + (f"：{self.heading}" if self.heading else "")
        return {
            "class": "table-wrap",
            "tabindex": self.sign("0"),
            "role": self.sign("region"),
            "aria-label": self.sign(label),
        }

    def resolve_link(self, target: str) -> tuple[str | None, bool]:
        """The address for a link target (None: it leads nowhere) and whether it leaves the site."""
        self.links.append(target)
        scheme = scheme_of(target)
        if scheme == "//" or scheme in EXTERNAL_SCHEMES:
            return target, True
        if scheme:
            return (target if scheme in SAFE_SCHEMES else None), False
        if target.startswith("#"):
            return target, False
        found = self.link(target) if self.link is not None else None
        if found is not None:
            away = scheme_of(found)
            safe = not away or away == "//" or away in SAFE_SCHEMES
            return (found if safe else None), away == "//" or away in EXTERNAL_SCHEMES
        relative = not target.startswith("/")
        dead = not target or (relative and self.link is not None)
        return (None if dead else target), False

    def resolve_media(self, source: str) -> MediaRef | None:
        """Where a picture or video is served, or None when it is missing or elsewhere."""
        self.sources.append(source)
        if not is_local(source):
            return None
        found = self.media(source) if self.media is not None else None
        if found is not None:
            return found if is_local(found.url) else None
        relative = not source.startswith("/")
        if not source or (relative and self.media is not None):
            return None
        return MediaRef(source)


def video_type(source: str, ref: MediaRef | None = None) -> str:
    """The MIME type when a source is a video, else empty."""
    if ref is not None and ref.mime.startswith("video/"):
        return ref.mime
    try:
        path = urlsplit(source).path
    except ValueError:  # "http://[" and the like
        path = source
    return VIDEO_TYPES.get(PurePosixPath(path).suffix.lower(), "")
