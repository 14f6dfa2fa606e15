"""Articles kept elsewhere: each source is fetched into a folder and imported from there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from kb.importers.resolve import PAGE_SUFFIXES
from kb.problems import N_, Problem, ProblemError
from kb.progress import Progress
from portal.contributions import ContentSource, ScheduledJob
from portal.db import db
from portal.importing.bringing import import_path
from portal.importing.report import Report
from portal.library.models import Article
from portal.plugin_host import host
from portal.plugin_host.calls import Fault, explain
from portal.plugin_host.collecting import Collected
from portal.plugin_host.context import PluginContext

HOOK = "portal_content_sources"

FETCH_SECONDS = 600.0
"""How long a source may take to fetch its articles."""

JOB_SECONDS = 3600
"""How long fetching and importing may take when the worker does it."""


@dataclass(frozen=True)
class Synced:
    """What came of one source: a report, or the reason why there is none."""

    plugin: str
    source: ContentSource
    report: Report | None = None
    problem: Problem | None = None

    @property
    def exit_code(self) -> int:
        """0 when everything is in, 1 when some of it was refused, 2 when it could not begin."""
        return 2 if self.report is None else self.report.exit_code


def sync(name: str | None = None, progress: Progress | None = None) -> list[Synced]:
    """Bring in what all sources have, or the one called `name`; none of them stops the others.

    Raises ProblemError JS-4003 when there is no source of that name.
    """
    every = host().collected(HOOK)
    chosen = [one for one in every if name is None or one.item.name == name]
    if name is not None and not chosen:
        raise ProblemError(
            Problem(
                "JS-4003",
                N_("没有名为 %(name)s 的内容来源"),
                N_("用其中之一：%(known)s；插件停用或没有设置时，它的来源不会出现"),
                params={"name": name, "known": "、".join(one.item.name for one in every) or "—"},
            )
        )
    return [_synced(one.plugin, one.item, progress) for one in chosen]


def scheduled() -> Iterator[Collected]:
    """The sources that the worker fetches by itself, as jobs of their plugins."""
    for one in host().collected(HOOK):
        if one.item.every_minutes > 0:
            # No plugin can give a job such a name.
            job = ScheduledJob(
                f"source:{one.item.name}",
                one.item.title,
                _run(one.plugin, one.item),
                every_minutes=one.item.every_minutes,
                limit_seconds=JOB_SECONDS,
            )
            yield Collected(one.plugin, job)


def collection_of(plugin: str, source: ContentSource) -> str:
    """The identity under which a source's pages are found again."""
    return f"source:{plugin}:{source.name}"


def _run(plugin: str, source: ContentSource) -> Callable[[PluginContext], str]:
    def run(_ctx: PluginContext) -> str:
        report = _import(plugin, source, None)
        found = f"；提示 {len(report.problems)} 条" if report.problems else ""
        return report.summary() + found

    return run


def _synced(plugin: str, source: ContentSource, progress: Progress | None) -> Synced:
    try:
        return Synced(plugin, source, report=_import(plugin, source, progress))
    except ProblemError as error:
        return Synced(plugin, source, problem=error.problem)


def _import(plugin: str, source: ContentSource, progress: Progress | None) -> Report:
    """Fetch and import one source. Raises ProblemError."""
    collection = collection_of(plugin, source)
    with tempfile.TemporaryDirectory(prefix="source-", ignore_cleanup_errors=True) as temporary:
        into = Path(temporary).resolve() / source.name
        into.mkdir()
        fetched = _fetch(plugin, source, into)
        if not _has_pages(fetched):
            raise ProblemError(_empty(plugin, source))
        report = import_path(
            fetched,
            kind=source.kind or None,
            space=source.space or None,
            publish=source.publish,
            collection=collection,
            progress=progress,
        )
    report.problems += _gone(collection, report)
    return report


def _fetch(plugin: str, source: ContentSource, into: Path) -> Path:
    def work(ctx: PluginContext) -> Path:
        found: object = source.fetch(ctx, into)
        if not isinstance(found, Path):
            raise TypeError(f"fetch returned {type(found).__name__}, not a path")
        # Where links lead counts, not what they are called.
        found = (into / found).resolve()
        if not found.is_relative_to(into):
            raise ValueError(f"fetch returned {found}, which is outside the folder it was given")
        if not found.exists():
            raise FileNotFoundError(f"fetch returned {found.relative_to(into)}, which is not there")
        return found

    result = host().call(plugin, f"source {source.name}", work, FETCH_SECONDS)
    if isinstance(result, Fault):
        if isinstance(result.error, TimeoutError):
            raise ProblemError(_late(plugin, source))
        raise ProblemError(explain(plugin, f"source {source.name}", result))
    return result


def _has_pages(fetched: Path) -> bool:
    if fetched.is_file():
        return True
    return any(path.suffix.lower() in PAGE_SUFFIXES for path in fetched.rglob("*"))


def _gone(collection: str, report: Report) -> list[Problem]:
    """A finding for each article that came from this source once and is no longer there."""
    there = {page.path for page in report.pages}
    query = (
        select(Article.source_path)
        .where(Article.source_collection == collection, Article.archived_at.is_(None))
        .order_by(Article.source_path)
    )
    return [
        Problem(
            "JS-2007",
            N_("来源里已经没有这一篇了；门户里的没有改动"),
            N_("不再需要，就在编辑页把它归档；还要用，就留着"),
            path,
            "warning",
        )
        for path in db.session.scalars(query)
        if path is not None and path not in there
    ]


def _empty(plugin: str, source: ContentSource) -> Problem:
    return Problem(
        "JS-4003",
        N_("内容来源 %(name)s（插件 %(plugin)s）这次什么也没有取到；门户里的文章没有改动"),
        N_("检查来源那边还有没有文章，以及插件的设置"),
        params={"plugin": plugin, "name": source.name},
    )


def _late(plugin: str, source: ContentSource) -> Problem:
    return Problem(
        "JS-4003",
        N_("内容来源 %(name)s（插件 %(plugin)s）过了 %(seconds)s 秒还没有取完，什么也没有导入"),
        N_("检查来源那边通不通；总是这样，就告诉插件作者"),
        params={"plugin": plugin, "name": source.name, "seconds": round(FETCH_SECONDS)},
    )
