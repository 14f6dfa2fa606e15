"""A plugin's search engine: called apart and in time, and believed only after a look."""

from __future__ import annotations

import math
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from kb.problems import N_, Problem, ProblemError
from kb.search.model import (
    Hit,
    IndexStats,
    IndexUnavailable,
    IndexWriter,
    Query,
    Results,
    SearchDocument,
    SearchEngine,
    Suggestion,
)
from portal.contributions import SearchEngineKind
from portal.plugin_host import host
from portal.plugin_host.calls import Fault

T = TypeVar("T")

SEARCH_SECONDS = 5.0
SUGGEST_SECONDS = 1.0
WRITE_SECONDS = 120.0
"""An engine may wait 30 s for another writer before it begins."""
LIST_SECONDS = 60.0
BUILD_SECONDS = 3600.0


class EngineUnavailable(ProblemError, IndexUnavailable):
    """There is no index to search because there is no engine; a rebuild does not mend that."""


def broken(engine: str, plugin: str) -> Problem:
    """The engine has failed; what exactly, stands with the plugin."""
    return Problem(
        "JS-1004",
        N_("设置 search_engine 选的搜索引擎 %(engine)s（插件 %(plugin)s）出错或没有及时回答"),
        N_("管理员看 /admin/plugins 里的报错，或把 search_engine 改回 whoosh 再重启门户"),
        params={"engine": engine, "plugin": plugin},
    )


class GuardedEngine:
    """A `SearchEngine` around one of a plugin.

    Whatever that raises, other than IndexUnavailable, becomes a recorded failure of the plugin
    and EngineUnavailable for the caller; so does an answer of the wrong type, or none in time.
    """

    def __init__(self, plugin: str, kind: SearchEngineKind, engine: SearchEngine) -> None:
        self.kind = kind
        self._plugin = plugin
        self._engine = engine

    def _call(self, what: str, work: Callable[[], T], seconds: float) -> T:
        """What `work` gives. Raises IndexUnavailable."""

        def inside(_ctx: object) -> T | IndexUnavailable:
            try:
                return work()
            except IndexUnavailable as error:
                return error  # an answer that every engine may give, not a failure

        owner = host().plugin(self._plugin)
        if owner is None or owner.ctx is None:  # switched off since the engine was taken
            raise EngineUnavailable(broken(self.kind.name, self._plugin))
        where = f"search engine {self.kind.name}: {what}"
        result = host().call(self._plugin, where, inside, seconds)
        if isinstance(result, Fault):
            answer = result.error.problem if isinstance(result.error, ProblemError) else None
            raise EngineUnavailable(answer or broken(self.kind.name, self._plugin))
        if isinstance(result, IndexUnavailable):
            raise result
        return result

    @contextmanager
    def writer(self) -> Iterator[IndexWriter]:
        """Changes are gathered here and handed over together when the block ends."""
        batch = _Batch()
        yield batch

        def write() -> None:
            with self._engine.writer() as writer:
                batch.repeat(writer)

        self._call("writer", write, WRITE_SECONDS)

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        # The articles wait in a file: making them is the portal's work, with its own session, and
        # must neither count as the plugin's nor go on when nobody waits for it any more.
        with tempfile.TemporaryFile() as file:
            for document in documents:
                pickle.dump(document, file)
            end = file.tell()
            file.seek(0)

            def waiting() -> Iterator[SearchDocument]:
                while file.tell() < end:
                    yield pickle.load(file)  # noqa: S301 - written a moment ago, by us

            return self._call(
                "rebuild", lambda: _of(int, self._engine.rebuild(waiting())), BUILD_SECONDS
            )

    def search(
        self, query: Query, *, limit: int = 10, offset: int = 0, kind: str | None = None
    ) -> Results:
        def work() -> Results:
            return _results(self._engine.search(query, limit=limit, offset=offset, kind=kind))

        return self._call("search", work, SEARCH_SECONDS)

    def suggest(
        self, text: str, *, limit: int = 8, spaces: frozenset[str] | None = None
    ) -> Sequence[Suggestion]:
        def work() -> Sequence[Suggestion]:
            return [_offer(one) for one in self._engine.suggest(text, limit=limit, spaces=spaces)]

        return self._call("suggest", work, SUGGEST_SECONDS)

    def related(
        self, id: str, *, limit: int = 5, spaces: frozenset[str] | None = None
    ) -> Sequence[Hit]:
        def work() -> Sequence[Hit]:
            return [_hit(one) for one in self._engine.related(id, limit=limit, spaces=spaces)]

        return self._call("related", work, SEARCH_SECONDS)

    def ids(self) -> Iterator[tuple[str, str]]:
        def work() -> list[tuple[str, str]]:
            return [(_id(id_), _text(mark)) for id_, mark in self._engine.ids()]

        return iter(self._call("ids", work, LIST_SECONDS))

    def stats(self) -> IndexStats:
        return self._call("stats", lambda: _of(IndexStats, self._engine.stats()), SEARCH_SECONDS)


class _Batch:
    """Changes in the order they were asked for."""

    def __init__(self) -> None:
        self._changes: list[SearchDocument | str] = []

    def add(self, document: SearchDocument) -> None:
        self._changes.append(document)

    def delete(self, id: str) -> None:
        self._changes.append(id)

    def repeat(self, writer: IndexWriter) -> None:
        """Ask `writer` for the same."""
        for change in self._changes:
            if isinstance(change, str):
                writer.delete(change)
            else:
                writer.add(change)


def _of(wanted: type[T], value: object) -> T:
    if not isinstance(value, wanted):
        raise TypeError(f"{type(value).__name__}, not {wanted.__name__}")
    return value


def _text(value: object) -> str:
    text = _of(str, value)
    text.encode()  # half a surrogate pair could not be sent to anybody
    return text


def _id(value: object) -> str:
    text = _text(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(f"{text[:40]!r} is not the id of an article")
    return text


def _html(value: object) -> str:
    text = _text(value)
    bare = text.replace("<mark>", "").replace("</mark>", "")
    if "<" in bare or ">" in bare:
        raise ValueError("HTML with other elements than <mark>")
    return text


def _hit(value: object) -> Hit:
    hit = _of(Hit, value)
    _id(hit.id)
    for text in (hit.kind, hit.title, hit.anchor, hit.heading, *hit.path, *hit.tags):
        _text(text)
    _html(hit.title_html)
    _html(hit.snippet)
    _text(_of(Mapping, hit.extra).get("code", ""))  # type: ignore[type-abstract]
    if not math.isfinite(hit.score):
        raise ValueError(f"score {hit.score}")
    return hit


def _offer(value: object) -> Suggestion:
    offer = _of(Suggestion, value)
    _id(offer.id)
    _text(offer.text)
    _text(offer.anchor)
    return offer


def _results(value: object) -> Results:
    results = _of(Results, value)
    _of(int, results.total)
    for hit in results.hits:
        _hit(hit)
    facets: Mapping[str, Any] = results.facets
    for counts in facets.values():
        for name, count in counts.items():
            _text(name)
            _of(int, count)
    if results.did_you_mean is not None:
        _text(results.did_you_mean)
    return results
