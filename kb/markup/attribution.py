"""Whose code a parser runs: what an extension has put into it is charged to that extension.

Covered are an extension's processors of every kind, its inline patterns with their search, and its
``reset``. Not covered is what it registers later, while a text is being rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from markdown import Markdown
from markdown.inlinepatterns import Pattern
from markdown.treeprocessors import InlineProcessor as InlineParser

from kb.markup.stopwatch import CORE, charge, charged


class ChargedPattern:
    """A compiled pattern whose search through the text is charged to the extension it is of."""

    def __init__(self, owner: int, pattern: re.Pattern[str]) -> None:
        self._owner = owner
        self.pattern = pattern

    def finditer(self, *args: Any) -> Iterable[re.Match[str]]:
        """The matches, each looked for when it is asked for."""
        matches = self.pattern.finditer(*args)
        first = charge(self._owner, next, matches, None)
        # Mostly there is none, which must cost little.
        return () if first is None else self._from(first, matches)

    def _from(
        self, match: re.Match[str] | None, matches: Iterator[re.Match[str]]
    ) -> Iterator[re.Match[str]]:
        while match is not None:
            yield match
            match = charge(self._owner, next, matches, None)

    def match(self, *args: Any) -> re.Match[str] | None:
        """The match at the beginning."""
        found: re.Match[str] | None = charge(self._owner, self.pattern.match, *args)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pattern, name)


class Attribution:
    """Registers extensions with one `Markdown` and remembers which processors are whose."""

    def __init__(self, md: Markdown) -> None:
        self._md = md
        # An extension may have the parser go on inside its own content.
        _charge_method(md.parser, "parseBlocks", CORE)
        inline_parser = md.treeprocessors["inline"]
        assert isinstance(inline_parser, InlineParser)
        _charge_method(inline_parser, "run", CORE)

    def register(self, owner: int, make: Callable[[], Any]) -> None:
        """Put in the extension that `make` gives; all of it is charged to `owner`."""
        known = {id(processor) for processor, _ in self._processors()}
        # `known` holds ids, so what has one must not go away meanwhile.
        kept = [processor for processor, _ in self._processors()]
        charge(owner, lambda: self._md.registerExtensions([make()], {}))
        for processor, methods in self._processors():
            if id(processor) in known:
                continue
            for name in methods:
                if hasattr(processor, name):
                    _charge_method(processor, name, owner)
            if hasattr(processor, "getCompiledRegExp"):
                _charge_search(processor, owner)
        del kept

    def _processors(self) -> Iterator[tuple[Any, tuple[str, ...]]]:
        """Everything registered, with the methods the parser calls."""
        md = self._md
        for one in (*md.preprocessors, *md.treeprocessors, *md.postprocessors):
            yield one, ("run",)
        for block in md.parser.blockprocessors:
            yield block, ("test", "run")
        for pattern in md.inlinePatterns:
            yield pattern, ("handleMatch",)
        for extension in md.registeredExtensions:
            yield extension, ("reset",)


def _charge_method(processor: Any, name: str, owner: int) -> None:
    setattr(processor, name, charged(owner, getattr(processor, name)))


def _charge_search(pattern: Any, owner: int) -> None:
    find = pattern.getCompiledRegExp
    find = getattr(find, "charged_function", find)
    if getattr(find, "__func__", None) is not Pattern.getCompiledRegExp:
        find = charged(owner, find)
    known: ChargedPattern | None = None

    def search() -> ChargedPattern:
        nonlocal known
        compiled = find()
        if known is None or known.pattern is not compiled:
            known = ChargedPattern(owner, compiled)
        return known

    search.charged_function = find  # type: ignore[attr-defined]
    pattern.getCompiledRegExp = search
