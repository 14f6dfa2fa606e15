"""What a renderer is given: media that were found, and what extensions add."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import markdown

from kb.markup.vocabulary import FORBIDDEN_ATTRIBUTES, FORBIDDEN_TAGS

LinkResolver = Callable[[str], str | None]
"""A link target as written → the URL to use, or None to leave it as it is."""

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*")


@dataclass(frozen=True)
class MediaRef:
    """A picture or video the portal serves. `width` and `height` are CSS pixels, 0 if unknown."""

    url: str
    width: int = 0
    height: int = 0
    mime: str = ""
    captions_url: str | None = None
    poster_url: str | None = None


MediaResolver = Callable[[str], MediaRef | None]
"""A picture or video source as written → where it is served, or None when there is no such file."""


@dataclass(frozen=True)
class MarkupExtension:
    """A Python-Markdown extension that a plugin adds, and the HTML it needs let through.

    `extension` is an extension or, better, a function that makes a new one (the renderer may build
    several parsers). `allowed_tags` maps a tag to the attributes it may carry besides those every
    element may (``class title lang dir``); ``href`` and ``src`` are held to the same rules as the
    renderer's own. `class_prefixes` are beginnings of class names it uses. Ids are not available.

    Raises ValueError for a tag or attribute that could run script or make a form.
    """

    name: str
    version: str
    extension: markdown.Extension | Callable[[], markdown.Extension]
    allowed_tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    class_prefixes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for tag, attributes in self.allowed_tags.items():
            if not _NAME.fullmatch(tag) or tag.lower() in FORBIDDEN_TAGS:
                raise ValueError(f"extension {self.name}: tag {tag!r} cannot be allowed")
            for attribute in attributes:
                if (
                    not _NAME.fullmatch(attribute)
                    or attribute.lower().startswith("on")
                    or attribute.lower() in FORBIDDEN_ATTRIBUTES
                ):
                    raise ValueError(
                        f"extension {self.name}: {attribute!r} of {tag!r} cannot be allowed"
                    )
        for prefix in self.class_prefixes:
            if len(prefix) < 2 or not re.fullmatch(r"[A-Za-z][\w-]*", prefix):
                raise ValueError(f"extension {self.name}: class prefix {prefix!r} is too wide")
