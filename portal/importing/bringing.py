"""Bringing a file, folder or zip into the library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from kb.importers.markdown_folder import Collection, MediaFile, read_collection
from kb.problems import N_, Problem, ProblemError
from kb.progress import Progress
from portal.accounts.models import User
from portal.db import db, write
from portal.importing import converting
from portal.importing import plan as planning
from portal.importing.plan import Planned
from portal.importing.report import Outcome, PageResult, Report
from portal.library import service as library
from portal.library.models import Media, Space

BUNDLED = "bundled:content"
BATCH = 25
"""Pages written in one transaction: short enough that editors are not kept waiting."""


def import_bundled(progress: Progress | None = None) -> Report:
    """Bring in the articles that ship with the portal; what was edited here since stays."""
    import content

    # A namespace package has no __file__; its path is where the articles lie, also in a wheel.
    root = Path(next(iter(content.__path__)))
    return import_path(root, publish=True, collection=BUNDLED, progress=progress)


def import_path(
    path: Path,
    *,
    kind: str | None = None,
    space: str | None = None,
    publish: bool = False,
    collection: str | None = None,
    importer: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import `path`; each page stands or falls alone and the report accounts for all of them.

    `collection` is the identity under which pages are found again next time; by default the
    absolute path. What is not Markdown goes through the plugin's importer for such files, or the
    one named `importer`. Raises ProblemError when the import cannot start at all.
    """
    if not path.exists():
        raise ProblemError(
            Problem(
                "JS-2007",
                N_("没有这个文件或文件夹：%(path)s"),
                N_("检查路径有没有写错"),
                params={"path": path},
            )
        )
    _check_kind(kind, N_("--kind 用其中之一：%(kinds)s"))
    target = _space(space)
    name = collection or str(path.resolve())
    chosen = converting.importer_for(path, importer)
    if chosen is None:
        with read_collection(path) as source:
            if not source.pages and not source.refused:
                raise ProblemError(_empty(path))
            return _Import(source, name, target, publish, progress).run(kind)
    kind = kind or chosen.item.kind or None
    _check_kind(
        kind, N_("请插件 %(plugin)s 的作者改正，或用 --kind 指定其中之一：%(kinds)s"), chosen
    )
    with (
        converting.converted(chosen, path) as (folder, problems),
        read_collection(folder) as source,
    ):
        if not source.pages and not source.refused and not problems:
            raise converting.nothing_came(chosen, path)
        report = _Import(source, name, target, publish, progress).run(kind)
    report.lost = any(problem.severity == "error" for problem in problems)
    report.problems[:0] = problems
    return report


def _check_kind(kind: str | None, remedy: str, chosen: converting.Chosen | None = None) -> None:
    if kind is None or kind in library.kinds():
        return
    params = {"kind": kind, "kinds": "、".join(library.kinds())}
    if chosen is not None:
        params["plugin"] = chosen.plugin
    raise ProblemError(Problem("JS-2001", N_("没有“%(kind)s”这种文章"), remedy, params=params))


def _empty(path: Path) -> Problem:
    return Problem(
        "JS-2007",
        N_("%(path)s 里没有 Markdown 文件"),
        N_("指到放 .md 文件的文件夹；别的格式要先另存为 Markdown，或由插件的导入器转换"),
        params={"path": path},
    )


def _space(slug: str | None) -> Space:
    if slug is None:
        return library.ensure_public_space()
    found = library.space_named(slug)
    if found is None:
        known = "、".join(db.session.scalars(select(Space.slug).order_by(Space.slug)))
        raise ProblemError(
            Problem(
                "JS-2001",
                N_("没有代号为“%(space)s”的空间"),
                N_("先在「管理 › 空间」里新建，或用其中之一：%(known)s"),
                params={"space": slug, "known": known},
            )
        )
    return found


@dataclass(frozen=True)
class _Ready:
    """A page ready to be written."""

    planned: Planned
    words: library.Words
    mark: str
    prepared: library.Prepared | None
    order: int


class _Import:
    """One run over a collection."""

    def __init__(
        self,
        source: Collection,
        name: str,
        space: Space,
        publish: bool,
        progress: Progress | None,
    ) -> None:
        self._source = source
        self._name = name
        self._space_id = space.id
        self._publish = publish
        self._progress = progress or (lambda done, total, what: None)
        self._stored: dict[str, Media] = {}
        self._report = Report(problems=list(source.problems))

    def run(self, kind: str | None) -> Report:
        """Plan, store media, then write page by page in small transactions."""
        planned, problems = planning.plan(self._source, self._name, kind)
        self._report.problems += problems
        media = self._store_media(planned)
        urls = {item.page.path: item.url for item in planned}
        self._account_for_refused({item.page.path for item in planned})
        batch: list[_Ready] = []
        for order, item in enumerate(planned):
            ready = self._prepare(item, order, urls, media)
            if ready is not None:
                batch.append(ready)
            if len(batch) >= BATCH:
                self._write(batch)
                batch = []
            self._progress(order + 1, len(planned), item.page.path)
        self._write(batch)
        return self._report

    def _account_for_refused(self, coming: set[str]) -> None:
        """Every page that was read or should have been, and is not coming in."""
        read = {page.path for page in self._source.pages}
        refused = (read - coming) | set(self._source.refused)
        self._report.pages += [PageResult(path, Outcome.REFUSED) for path in sorted(refused)]

    def _store_media(self, planned: Sequence[Planned]) -> dict[str, str]:
        """Put what these pages show and link to into the library; gives path → address."""
        for path in self._wanted_media(planned):
            file: MediaFile | None = self._source.media.get(path)
            if file is None:
                continue
            try:
                medium = library.store_media(file.read(), path.rsplit("/", 1)[-1], None)
            except ProblemError as error:
                problem = error.problem
                self._report.problems.append(
                    Problem(
                        problem.code,
                        problem.message,
                        problem.remedy,
                        path,
                        "warning",
                        problem.params,
                    )
                )
            else:
                self._stored[path] = medium
        self._report.media = len(self._stored)
        return {path: library.media_url(medium) for path, medium in self._stored.items()}

    def _wanted_media(self, planned: Sequence[Planned]) -> Iterator[str]:
        seen: set[str] = set()
        for item in planned:
            shown = [medium.path for medium in item.page.media if medium.kind == "inside"]
            linked = [link.path for link in item.page.links if link.kind == "file"]
            beside = [mate for path in shown for mate in self._source.companions(path)]
            for path in (*shown, *beside, *linked):
                if path not in seen:
                    seen.add(path)
                    yield path

    def _prepare(
        self, item: Planned, order: int, urls: Mapping[str, str], media: Mapping[str, str]
    ) -> _Ready | None:
        """Words checked and rendered, outside any transaction; None when nothing is to be done."""
        body = planning.localised(item, urls, media)
        path, article = item.page.path, item.known
        try:
            words = library.tidy(planning.words_of(item, body), item.kind)
            library.check(words, item.kind)
            mark = planning.fingerprint(words)
            edited = article is not None and article.head_number != article.source_number
            if article is not None and article.source_hash == mark:
                if not (self._publish and article.published_revision_id is None and not edited):
                    self._done(item, Outcome.UNCHANGED, article.id)
                    return None
                # The same words, but the draft of an earlier import is to be published now.
            elif article is not None and edited:
                self._report.problems.append(_edited(path))
                self._done(item, Outcome.KEPT, article.id)
                return None
            prepared = library.prepare(words.body) if self._publish else None
        except library.Invalid as error:
            for name, problem in error.problems.items():
                self._report.problems.append(_invalid(path, name, problem))
        except ProblemError as error:
            found = error.problem
            self._report.problems.append(
                Problem(found.code, found.message, found.remedy, path, "error", found.params)
            )
        else:
            return _Ready(item, words, mark, prepared, order)
        self._report.pages.append(PageResult(path, Outcome.REFUSED))
        return None

    def _write(self, batch: Sequence[_Ready]) -> None:
        if not batch:
            return
        with write() as session:
            for ready in batch:
                item = ready.planned
                if item.known is not None:
                    article = library.locked(session, item.known.id)
                else:
                    article = library.new_article(
                        session,
                        kind=item.kind.name,
                        slug=item.slug,
                        space_id=self._space_id,
                        owner_id=self._owner(item),
                    )
                    article.source_collection = self._name
                    article.source_path = item.page.path
                    article.position = planning.position_of(item, ready.order)
                if article.source_hash == ready.mark:
                    revision = library.revision_numbered(article.id, article.head_number)
                else:
                    revision = library.add_revision(session, article, ready.words, None)
                article.source_hash = ready.mark
                article.source_number = revision.number
                if self._publish:
                    library.publish_revision(session, article, revision)
                    if ready.prepared is not None:
                        library.keep(session, ready.prepared)
                    article.updated_at = planning.updated_of(item) or article.updated_at
                if companions := self._companions(item):
                    library.show_media(session, article, companions)
                outcome = Outcome.UPDATED if item.known else Outcome.CREATED
                self._done(item, outcome, article.id)

    def _companions(self, item: Planned) -> list[Media]:
        """The captions and posters of the page's videos."""
        shown = [medium.path for medium in item.page.media if medium.kind == "inside"]
        mates = (mate for path in shown for mate in self._source.companions(path))
        return [self._stored[mate] for mate in mates if mate in self._stored]

    @staticmethod
    def _owner(item: Planned) -> int | None:
        name = str(item.page.document.front.get("owner") or "").strip().lower()
        if not name:
            return None
        return db.session.scalar(select(User.id).where(User.name == name))

    def _done(self, item: Planned, outcome: Outcome, article_id: int) -> None:
        self._report.pages.append(PageResult(item.page.path, outcome, article_id, item.url))


def _edited(path: str) -> Problem:
    return Problem(
        "JS-5001",
        N_("这一篇在门户里改过，文件里的新内容没有覆盖它"),
        N_("打开这篇文章的编辑页，把文件里的改动抄过去"),
        path,
        "warning",
    )


def _invalid(path: str, name: str, problem: Problem) -> Problem:
    return Problem(
        "JS-2001",
        problem.message,
        N_("改正文件头里的 %(name)s，再导入一次"),
        path,
        "error",
        {**problem.params, "name": name},
    )
