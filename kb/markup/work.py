"""Before inline parsing: refuse what would take too long, skip what has nothing to parse."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from kb.markup.bounds import MAX_WORK, brace_work, inline_work, too_complex

# Every inline pattern of the core begins with one of these.
_MARKS = re.compile(r"[\\`*_\[!<&~]|https?:|  \n")


class WorkTreeprocessor(Treeprocessor):
    """Looks at every run of text before Python-Markdown's inline parser does."""

    def __init__(self, md: Markdown, *, shortcut: bool) -> None:
        super().__init__(md)
        self.shortcut = shortcut

    def run(self, root: Element) -> None:
        """Mark plain runs as done. Raises ProblemError when the rest is too much."""
        work = 0
        for element in root.iter():
            text, tail = element.text, element.tail
            if text and not isinstance(text, AtomicString):
                if self.shortcut and _MARKS.search(text) is None:
                    element.text = AtomicString(text)
                    work += brace_work(text)
                else:
                    work += inline_work(text)
            if tail and not isinstance(tail, AtomicString):
                if self.shortcut and _MARKS.search(tail) is None:
                    element.tail = AtomicString(tail)
                    work += brace_work(tail)
                else:
                    work += inline_work(tail)
            if work > MAX_WORK:
                raise too_complex(text or tail or "")
