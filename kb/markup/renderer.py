"""The renderer: Markdown to a `Rendered`, with extensions that may fail or take too long."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from importlib.metadata import version
from typing import TypeVar

from kb.document import Rendered
from kb.markup.bounds import check_size, too_deep
from kb.markup.model import LinkResolver, MarkupExtension, MediaResolver
from kb.markup.page import Page
from kb.markup.parser import Parser
from kb.markup.patience import Abandoned, OverBudget, wait_for
from kb.markup.sections import read_sections, reading_minutes
from kb.markup.vocabulary import RENDERER_VERSION
from kb.problems import ProblemError

BUDGET = 0.3
"""Seconds that one extension may take for one text."""

REST = 60.0
"""Seconds that an extension which was too slow is left out."""

MAX_STUCK = 4
"""Threads that may be stuck in one extension; then it stays out until they come back."""

_LIBRARIES = ("markdown", "pymdown-extensions", "pygments", "nh3")

_T = TypeVar("_T")
_Chosen = tuple[int, ...]
"""Positions of extensions in the order they were given."""

OnFailure = Callable[[str, BaseException], None]
"""An extension's name and what it raised; `OverBudget` when it was too slow."""


class Renderer:
    """Renders Markdown. One instance may be used by several threads; they take turns.

    An extension that raises, while the parser is built or while a text is rendered, is left out
    and named in `Rendered.failed_extensions`; the page comes out without it. So is one whose own
    code runs for more than `budget` seconds in one rendering: nobody waits for it any longer. It
    then rests for a minute before it is tried again. (Code that never lets other threads run, such
    as a regular expression in a tight spot, can only be left out after it has come back.)

    `on_failure` is told of each failure, not of rests. With extensions a text is rendered in a
    thread of its own, within the context that `inside` gives; `link` and `media` are asked there.
    """

    def __init__(
        self,
        extensions: Sequence[MarkupExtension] = (),
        *,
        budget: float = BUDGET,
        on_failure: OnFailure | None = None,
        inside: Callable[[], AbstractContextManager[object]] = nullcontext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._extensions = tuple(extensions)
        self._budget = budget
        self._on_failure = on_failure
        self._inside = inside
        self._clock = clock
        self._lock = threading.Lock()
        self._parsers: dict[_Chosen, Parser] = {}
        self._rests_until: dict[int, float] = {}
        self._stuck: dict[int, list[threading.Thread]] = {}
        self._unbuildable: dict[int, BaseException] = {}
        everything = tuple(range(len(self._extensions)))
        _, _, failures = self._with_most(lambda parser: None, everything)
        # One that was only slow is tried again after its rest, with a text.
        self._unbuildable = {i: e for i, e in failures.items() if i not in self._rests_until}

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

        def convert(parser: Parser) -> tuple[str, Page]:
            page = Page(link, media)
            return parser.html(markdown, page), page

        with self._lock:
            chosen, (html, page), failures = self._with_most(convert, self._usable())
        if self._on_failure is not None:
            for index, error in sorted((self._unbuildable | failures).items()):
                self._on_failure(self._extensions[index].name, error)
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

    def _usable(self) -> _Chosen:
        """Who is tried: not what cannot be built, what rests, or what too many threads hang in."""
        now = self._clock()
        return tuple(
            index
            for index in range(len(self._extensions))
            if index not in self._unbuildable
            and self._rests_until.get(index, now) <= now
            and self._free(index)
        )

    def _free(self, index: int) -> bool:
        alive = [thread for thread in self._stuck.get(index, ()) if thread.is_alive()]
        self._stuck[index] = alive
        return len(alive) < MAX_STUCK

    def _with_most(
        self, work: Callable[[Parser], _T], wanted: _Chosen
    ) -> tuple[_Chosen, _T, dict[int, BaseException]]:
        """`work` done with as many of the `wanted` extensions as let it through in time.

        Gives these extensions, the result, and what the others raised.
        """
        failures: dict[int, BaseException] = {}
        while True:
            try:
                return wanted, self._attempt(work, wanted), failures
            except Abandoned as slow:
                failures[slow.owner] = OverBudget(self._budget)
                wanted = tuple(index for index in wanted if index != slow.owner)
            except (ProblemError, KeyboardInterrupt):
                raise
            except BaseException as error:  # a plugin's code may raise anything at all
                if not wanted:
                    if isinstance(error, RecursionError):
                        raise too_deep("标记") from None
                    raise
                good, result, more = self._one_by_one(work, wanted)
                return good, result, failures | more

    def _one_by_one(
        self, work: Callable[[Parser], _T], wanted: _Chosen
    ) -> tuple[_Chosen, _T, dict[int, BaseException]]:
        """Which one is it? Start from none and add them, keeping those that let it through."""
        good, result, failures = self._with_most(work, ())
        for index in wanted:
            try:
                result = self._attempt(work, (*good, index))
            except Abandoned as slow:
                failures[slow.owner] = OverBudget(self._budget)
                if slow.owner in good:
                    # In time before, and now no longer.
                    rest = tuple(one for one in wanted if one not in failures)
                    good, result, more = self._with_most(work, rest)
                    return good, result, failures | more
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # it is this one: left out, and named to the caller
                failures[index] = error
            else:
                good = (*good, index)
        return good, result, failures

    def _attempt(self, work: Callable[[Parser], _T], chosen: _Chosen) -> _T:
        """`work` with these extensions, no longer than they may take. Raises Abandoned."""
        # Taken out, and put back unless a thread that nobody waits for may be using it still.
        parser = self._parsers.pop(chosen, None)

        def run() -> _T:
            nonlocal parser
            if parser is None:
                parser = Parser({index: self._extensions[index] for index in chosen})
            return work(parser)

        abandoned = False
        try:
            return wait_for(run, self._budget, self._inside) if chosen else run()
        except Abandoned as slow:
            abandoned = True
            self._rests_until[slow.owner] = self._clock() + REST
            self._stuck.setdefault(slow.owner, []).append(slow.thread)
            raise
        except KeyboardInterrupt:
            abandoned = True
            raise
        finally:
            if parser is not None and not abandoned:
                self._parsers[chosen] = parser
