"""The renderer: Markdown to a `Rendered`, with extensions that may fail."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import TypeVar

from kb.document import Rendered
from kb.markup.bounds import check_size, too_deep
from kb.markup.model import LinkResolver, MarkupExtension, MediaResolver
from kb.markup.page import Page
from kb.markup.parser import Parser
from kb.markup.sections import read_sections, reading_minutes
from kb.markup.vocabulary import RENDERER_VERSION
from kb.problems import ProblemError

_LIBRARIES = ("markdown", "pymdown-extensions", "pygments", "nh3")

_T = TypeVar("_T")
_Chosen = tuple[int, ...]
"""Positions of extensions in the order they were given."""


class Renderer:
    """Renders Markdown. One instance may be used by several threads; they take turns.

    An extension that raises, while the parser is built or while a text is rendered, is left out
    and named in `Rendered.failed_extensions`; the page comes out without it.
    """

    def __init__(self, extensions: Sequence[MarkupExtension] = ()) -> None:
        self._extensions = tuple(extensions)
        self._lock = threading.Lock()
        self._parsers: dict[_Chosen, Parser] = {}
        everything = tuple(range(len(self._extensions)))
        self._usable, _ = self._with_most(self._parser, everything)

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever the same text might give other HTML: the key of caches."""
        parts = [RENDERER_VERSION, *(f"{name} {version(name)}" for name in _LIBRARIES)]
        parts += [f"{extension.name} {extension.version}" for extension in self._extensions]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def render(
        self,
        markdown: str,
        *,
        link: LinkResolver | None = None,
        media: MediaResolver | None = None,
    ) -> Rendered:
        """Sanitised HTML of `markdown`, with its outline, sections, links and media.

        `link` gives the address for a link target as written, or None to leave it; a relative
        target it leaves is shown as a dead link. `media` does the same for pictures and video;
        a relative source it does not know is shown as missing. Without them everything stays
        as written.

        Raises ProblemError JS-2003 for a text that is too long, nested too deep or too complex.
        """
        check_size(markdown)

        def attempt(chosen: _Chosen) -> tuple[str, Page]:
            page = Page(link, media)
            return self._parser(chosen).html(markdown, page), page

        with self._lock:
            chosen, (html, page) = self._with_most(attempt, self._usable)
        outline, sections = read_sections(html)
        return Rendered(
            html=html,
            outline=outline,
            sections=sections,
            links=tuple(page.links),
            media=tuple(page.sources),
            minutes=reading_minutes(sections),
            failed_extensions=tuple(
                extension.name
                for index, extension in enumerate(self._extensions)
                if index not in chosen
            ),
        )

    def _parser(self, chosen: _Chosen) -> Parser:
        if chosen not in self._parsers:
            self._parsers[chosen] = Parser([self._extensions[index] for index in chosen])
        return self._parsers[chosen]

    def _with_most(self, work: Callable[[_Chosen], _T], wanted: _Chosen) -> tuple[_Chosen, _T]:
        """`work` done with as many of the `wanted` extensions as let it through."""
        try:
            return wanted, work(wanted)
        except ProblemError:
            raise
        except Exception as error:  # a plugin's code may raise anything at all
            if not wanted:
                if isinstance(error, RecursionError):
                    raise too_deep("标记") from None
                raise
        # Which one is it? Start from none and add them one by one.
        good: _Chosen = ()
        result = self._with_most(work, good)[1]
        for index in wanted:
            try:
                result = work((*good, index))
            except Exception:  # noqa: S112 - it is this one: left out, and named to the caller
                continue
            good = (*good, index)
        return good, result
