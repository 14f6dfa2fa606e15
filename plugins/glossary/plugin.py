"""The first time a term from the glossary appears in an article, it carries its meaning."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from pydantic import BaseModel, ConfigDict, Field

from plugins.glossary.terms import TERMS
from portal.api import (
    N_,
    MarkdownExtension,
    MarkupExtension,
    PluginContext,
    PluginManifest,
    hookimpl,
)


class Config(BaseModel):
    """What an administrator can set."""

    model_config = ConfigDict(frozen=True)

    builtin: bool = Field(
        True, title=N_("使用自带的词条"), description=N_("WBS、EVM、SPI 等项目管理术语")
    )
    terms: dict[str, str] = Field(
        default_factory=dict,
        title=N_("本单位的词条"),
        description=N_("与自带词条同名的，以这里为准；意思留空就不再提示这个词"),
    )


manifest = PluginManifest(
    name="glossary",
    title=N_("术语提示"),
    summary=N_("文章里第一次出现的术语带上解释，鼠标停上去就看到"),
    category="content",
    config=Config,
)

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

UNTOUCHED = frozenset(
    ("a", "abbr", "code", "dfn", "kbd", "pre", "samp", "script", "style", *HEADINGS)
)
"""In these a tooltip would be in the way, or change what is meant literally."""


class Explain(Treeprocessor):
    """Wraps the first appearance of each term in ``<abbr title="…">``."""

    def __init__(self, md: Markdown, terms: Mapping[str, str]) -> None:
        super().__init__(md)
        self._terms = terms
        longest_first = sorted(terms, key=lambda term: (-len(term), term))
        # Latin terms are whole words; Chinese has no word boundaries to ask for.
        self._pattern = re.compile(
            "|".join(
                rf"(?<![A-Za-z0-9_]){re.escape(term)}(?![A-Za-z0-9_])"
                if term.isascii()
                else re.escape(term)
                for term in longest_first
            )
        )

    def run(self, root: ElementTree.Element) -> None:
        """Go through the document once, in order."""
        left = dict(self._terms)
        for element in _open_elements(root):
            self._in_text(element, left)
            if not left:
                return

    def _in_text(self, element: ElementTree.Element, left: dict[str, str]) -> None:
        # Tails belong to this element's text as well. Children are added while walking, so the
        # position is counted by hand.
        self._split(element, None, element.text, left)
        for child in list(element):
            self._split(element, child, child.tail, left)

    def _split(
        self,
        parent: ElementTree.Element,
        child: ElementTree.Element | None,
        text: str | None,
        left: dict[str, str],
    ) -> None:
        """Put ``<abbr>`` elements into the text of `parent` after `child` (None: its beginning)."""
        # Text marked as atomic counts too: the renderer marks runs that have nothing to parse.
        if not text:
            return
        pieces: list[ElementTree.Element] = []
        head, rest = "", text
        while (found := self._next(rest, left)) is not None:
            before, term, rest = rest[: found.start()], found.group(0), rest[found.end() :]
            if pieces:
                pieces[-1].tail = before
            else:
                head = before
            abbr = ElementTree.Element("abbr", {"title": left.pop(term)})
            abbr.text = term
            pieces.append(abbr)
        if not pieces:
            return
        pieces[-1].tail = rest
        if child is None:
            parent.text, at = head, 0
        else:
            child.tail, at = head, list(parent).index(child) + 1
        for offset, piece in enumerate(pieces):
            parent.insert(at + offset, piece)

    def _next(self, text: str, left: Mapping[str, str]) -> re.Match[str] | None:
        return next((found for found in self._pattern.finditer(text) if found[0] in left), None)


def _open_elements(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The elements whose own text may be explained, in document order."""
    if root.tag in UNTOUCHED:
        return
    yield root
    for child in list(root):
        yield from _open_elements(child)


class GlossaryExtension(Extension):
    """The Python-Markdown extension."""

    def __init__(self, terms: Mapping[str, str]) -> None:
        super().__init__()
        self._terms = terms

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Run after the inline patterns (20), so that code and links are elements already."""
        md.treeprocessors.register(Explain(md, self._terms), "portal-glossary", 15)


@hookimpl
def portal_markdown_extensions(ctx: PluginContext) -> list[MarkdownExtension]:
    """The glossary in force; no extension when it is empty."""
    config: Config = ctx.config
    merged = {**(TERMS if config.builtin else {}), **config.terms}
    terms = {term: meaning for term, meaning in merged.items() if term and meaning}
    if not terms:
        return []
    # Kept pages are told apart by name and version: other terms make other pages.
    digest = hashlib.sha256(repr(sorted(terms.items())).encode()).hexdigest()[:8]
    markup = MarkupExtension(
        "glossary",
        f"{manifest.version}+{digest}",
        lambda: GlossaryExtension(terms),
        {"abbr": frozenset({"title"})},
    )
    return [MarkdownExtension(markup, N_("术语提示"), N_("先做 WBS，再排期"))]
