"""One Python-Markdown parser with the renderer's dialect and vocabulary, and its sanitiser."""

from __future__ import annotations

import copy
import re
import secrets
import string
from collections.abc import Callable, Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.extensions.admonition import AdmonitionExtension
from markdown.extensions.attr_list import AttrListExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.footnotes import FN_BACKLINK_TEXT, FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import InlineProcessor as InlineParser
from pymdownx.details import DetailsExtension
from pymdownx.tabbed import TabbedExtension
from pymdownx.tilde import DeleteSubExtension

from kb.markup import inline
from kb.markup.attribution import Attribution
from kb.markup.dialect import to_dialect
from kb.markup.highlight import code_block
from kb.markup.model import MarkupExtension
from kb.markup.page import Page
from kb.markup.sanitise import Sanitiser
from kb.markup.tree import VocabularyTreeprocessor
from kb.markup.work import WorkTreeprocessor

_LINE_ENDS = re.compile(r"\r\n?")
# Placeholders of Python-Markdown begin and end with these; an author's own would be taken for them.
_CONTROLS = re.compile(r"[\x00\x02\x03]")
_NONE: Mapping[int, MarkupExtension] = MappingProxyType({})


class DialectPreprocessor(Preprocessor):
    """Runs `to_dialect` and keeps code and raw HTML in Python-Markdown's stash."""

    page = Page()

    def run(self, lines: list[str]) -> list[str]:
        """The lines in Python-Markdown's dialect."""
        return [*to_dialect(lines, self), "", ""]

    def code(self, code: str, info: str) -> str:
        """Stash a code block."""
        page = self.page
        page.code_keys.add(self.md.htmlStash.html_counter)
        html = code_block(code, info, page.effort, tabindex=page.sign("0"))
        return str(self.md.htmlStash.store(html))

    def html(self, html: str) -> str:
        """Stash a block of raw HTML."""
        return str(self.md.htmlStash.store(html))


class Footnotes(FootnoteExtension):
    """Footnotes numbered as they are met; one without text does not break the rest."""

    def makeFootnotesDiv(self, root: Element) -> Element | None:  # noqa: N802 - Python-Markdown's
        """The list of footnotes, with a link back in every item (putting in order needs it)."""
        made: Element | None = super().makeFootnotesDiv(root)
        for item in made.iterfind("ol/li") if made is not None else ():
            if len(item) == 0:
                href = "#" + item.get("id", "").replace("fn:", "fnref:", 1)
                link = SubElement(item, "a", {"class": "footnote-backref", "href": href})
                link.text = FN_BACKLINK_TEXT
        return made


class Parser:
    """Markdown to sanitised HTML. Not safe for several threads at once.

    Building or running it raises whatever an extension raises. `extensions` are numbered; in a
    thread with a stopwatch, the time each takes is charged to its number.
    """

    def __init__(self, extensions: Mapping[int, MarkupExtension] = _NONE) -> None:
        self.input_tag = f"x-{secrets.token_hex(12)}"
        self.md = markdown.Markdown(
            output_format="html",
            extensions=[
                AdmonitionExtension(),
                AttrListExtension(),
                DefListExtension(),
                Footnotes(BACKLINK_TITLE="{}", USE_DEFINITION_ORDER=False),
                SaneListExtension(),
                TableExtension(use_align_attribute=True),
                DetailsExtension(),
                TabbedExtension(alternate_style=True),
                DeleteSubExtension(subscript=False),
            ],
        )
        self.md.ESCAPED_CHARS = list(string.punctuation)
        self.dialect = DialectPreprocessor(self.md)
        self.vocabulary = VocabularyTreeprocessor(self.md, self.input_tag)
        self.md.preprocessors.deregister("normalize_whitespace")
        self.md.preprocessors.deregister("html_block")
        self.md.preprocessors.register(self.dialect, "dialect", 28)
        self.md.treeprocessors.deregister("prettify")
        inline.register(self.md)
        core_patterns = len(self.md.inlinePatterns)
        if extensions:
            attribution = Attribution(self.md)
            for number, extension in extensions.items():
                attribution.register(number, _maker(extension))
        patterns = list(self.md.inlinePatterns)
        work = WorkTreeprocessor(self.md, shortcut=len(patterns) == core_patterns)
        self.md.treeprocessors.register(work, "work", 45)
        self.md.treeprocessors.register(self.vocabulary, "vocabulary", -1000)
        # A list is much faster to go through than the registry, and it no longer changes.
        inline_parser = self.md.treeprocessors["inline"]
        assert isinstance(inline_parser, InlineParser)
        inline_parser.inlinePatterns = patterns  # type: ignore[assignment]
        self.sanitiser = Sanitiser(self.input_tag, tuple(extensions.values()))

    def html(self, text: str, page: Page) -> str:
        """Sanitised HTML of `text`; `page` is filled on the way. Raises ProblemError."""
        self.dialect.page = self.vocabulary.page = page
        text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
        try:
            self.md.reset()
            html = self.md.convert(text)
        finally:
            self.md.reset()
        return self.sanitiser.clean(html, page)


def _maker(extension: MarkupExtension) -> Callable[[], markdown.Extension]:
    made = extension.extension
    # A copy: an extension keeps the parser it was put into.
    return (lambda: copy.copy(made)) if isinstance(made, markdown.Extension) else made
