"""The last step: only the renderer's vocabulary comes out, whatever went in.

The HTML that arrives here is ours and the author's, mixed. Two things tell them apart:

- Attributes that only the renderer may set (`SIGNED_ATTRIBUTES`: ids, roles, labels, …) carry the
  page's seal, a random text the author cannot know, before their value. The filter takes the seal
  off and drops every such attribute without it, so that an author can neither take a page's ids nor
  give his elements a role.
- Form elements: ours are written with a tag name made from a random text; every ``<input`` in the
  HTML is turned into text first, then ours get their real name. What is left are our radio buttons
  and check boxes. (A tokenizer starts an element only at a literal ``<`` and the name, so there is
  no other way for one to come in.)

nh3 (Rust, html5ever's parser) does the rest with our lists. Nothing after it adds HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import nh3

from kb.markup.model import MarkupExtension
from kb.markup.page import SAFE_SCHEMES, Page, is_local, scheme_of
from kb.markup.vocabulary import (
    CLASS_PREFIXES,
    CLASSES,
    PLAIN_TAGS,
    SIGNED_ATTRIBUTES,
    TAG_ATTRIBUTES,
)

_INPUT = re.compile(r"<(?=/?input)", re.IGNORECASE)
# What the parser makes of a stray </p>, and of a paragraph that a block ended early.
_EMPTY = re.compile(r"<p>\s*</p>\n?")
_NUMERIC = frozenset({"width", "height", "colspan", "rowspan", "start", "value"})
_NUMBER = re.compile(r"-?[0-9]{1,5}")
_LOCAL_ONLY = frozenset({"src", "poster"})
_REL = "noopener noreferrer"


class Sanitiser:
    """Cleans HTML; `input_tag` is the secret name under which our form elements arrive."""

    def __init__(self, input_tag: str, extensions: Iterable[MarkupExtension] = ()) -> None:
        self.input_tag = input_tag
        self.seal = ""
        tags = set(PLAIN_TAGS)
        attributes = {tag: set(names) for tag, names in TAG_ATTRIBUTES.items()}
        prefixes = list(CLASS_PREFIXES)
        for extension in extensions:
            tags.update(extension.allowed_tags)
            for tag, names in extension.allowed_tags.items():
                attributes.setdefault(tag, set()).update(names)
            prefixes.extend(extension.class_prefixes)
        self._keep_classes = _class_filter(tuple(prefixes))
        self._cleaner = nh3.Cleaner(
            tags=tags,
            attributes=attributes,
            attribute_filter=self._filter,
            clean_content_tags={
                "script",
                "style",
                "template",
                "iframe",
                "noscript",
                "object",
                "textarea",
                "title",
                "noembed",
                "noframes",
                "xmp",
                "math",
                "svg",
            }
            - tags,
            url_schemes=set(SAFE_SCHEMES),
            link_rel=None,
            strip_comments=True,
        )

    def clean(self, html: str, page: Page) -> str:
        """`html` with only what the vocabulary allows. Not safe for several threads at once."""
        self.seal = page.seal
        html = _INPUT.sub("&lt;", html)
        html = html.replace(f"<{self.input_tag}", "<input").replace(f"</{self.input_tag}>", "")
        return _EMPTY.sub("", self._cleaner.clean(html))

    def _filter(self, tag: str, attribute: str, value: str) -> str | None:
        """The value an attribute keeps, or None to drop it."""
        if attribute == "class":
            return self._keep_classes(value)
        if attribute in SIGNED_ATTRIBUTES:
            return value[len(self.seal) :] if value.startswith(self.seal) else None
        if attribute in _LOCAL_ONLY:
            return value if is_local(value) else None
        if attribute == "href":
            scheme = scheme_of(value)
            return value if not scheme or scheme == "//" or scheme in SAFE_SCHEMES else None
        if attribute in _NUMERIC:
            return value if _NUMBER.fullmatch(value) else None
        if attribute == "rel":
            return value if value == _REL else None
        return value


def _class_filter(prefixes: tuple[str, ...]) -> Callable[[str], str | None]:
    @lru_cache(maxsize=2048)
    def keep(value: str) -> str | None:
        names = [c for c in value.split() if c in CLASSES or c.startswith(prefixes)]
        return " ".join(names) or None

    return keep
