"""Before anything is written: which page becomes which article, at which address."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from kb.importers.markdown_folder import Collection, SourcePage, rewrite, slug_for
from kb.problems import N_, Problem
from portal.contributions import ContentKind
from portal.db import db
from portal.library import service as library
from portal.library.models import Article, OldSlug

DEFAULT_KIND = "manual"


@dataclass(frozen=True)
class Planned:
    """A page with its kind and address; `known` is the article it was imported as before."""

    page: SourcePage
    kind: ContentKind
    slug: str
    known: Article | None

    @property
    def url(self) -> str:
        """Where the article will be."""
        slug = self.known.slug if self.known else self.slug
        return f"/{self.kind.prefix}/{slug}"


def plan(
    collection: Collection, name: str, kind_option: str | None
) -> tuple[list[Planned], list[Problem]]:
    """Give every page an article, or say why it cannot have one.

    `name` is the collection's identity: pages imported under it before are the same articles
    again. A slug written in the front matter must be free; one made from the file's name gets a
    number when it is taken.
    """
    known = {
        article.source_path: article
        for article in db.session.scalars(select(Article).where(Article.source_collection == name))
    }
    taken = _taken_addresses()
    planned: list[Planned] = []
    problems: list[Problem] = []
    kinds = library.kinds()
    by_folder = {kind.prefix: kind for kind in kinds.values()}
    base = collection.base
    for page in collection.pages:
        front = page.document.front
        wanted = front.get("kind") or kind_option
        folder = _kind_folder(page.path, base, by_folder)
        if wanted is not None and wanted not in kinds:
            problems.append(_unknown_kind(page, str(wanted), kinds))
            continue
        kind = kinds[wanted] if wanted else by_folder.get(folder or "", kinds[DEFAULT_KIND])
        before = known.get(page.path)
        if before is not None and before.kind == kind.name:
            planned.append(Planned(page, kind, before.slug, before))
            continue
        slug = str(front.get("slug") or "").strip("/ ")
        if slug:
            if (kind.name, slug) in taken:
                problems.append(_taken(page, kind, slug))
                continue
        else:
            below = _below_kind_folder(page.path, base, folder)
            slug = slug_for(page.path, below, root_name=collection.root_name)
            slug, wish = _free(kind.name, slug, taken), slug
            if slug != wish:
                problems.append(_renamed(page, wish, slug))
        taken.add((kind.name, slug))
        planned.append(Planned(page, kind, slug, None))
    return planned, problems


def _taken_addresses() -> set[tuple[str, str]]:
    current = db.session.execute(select(Article.kind, Article.slug))
    old = db.session.execute(select(OldSlug.kind, OldSlug.slug))
    return {(row.kind, row.slug) for row in (*current, *old)}


def _kind_folder(path: str, base: str, by_folder: Mapping[str, ContentKind]) -> str | None:
    """The folder on the way to the page that is named after a kind (``faq/``), nearest first."""
    parts = path.split("/")[:-1]
    return next((part for part in reversed(parts) if part in by_folder), None)


def _below_kind_folder(path: str, base: str, folder: str | None) -> str:
    """What addresses are relative to: the collection's base, or the kind's folder inside it."""
    if folder is None:
        return base
    parts = path.split("/")[:-1]
    inside = "/".join(parts[: len(parts) - parts[::-1].index(folder)])
    return inside if inside.startswith(base) else base


def _free(kind: str, slug: str, taken: set[tuple[str, str]]) -> str:
    number, found = 1, slug
    while (kind, found) in taken:
        number += 1
        found = f"{slug}-{number}"
    return found


def words_of(planned: Planned, body: str) -> library.Words:
    """The words of a page whose links have been turned into portal addresses."""
    front = planned.page.document.front
    return library.Words(
        title=planned.page.document.title or planned.slug.rsplit("/", 1)[-1],
        body=body,
        summary=str(front.get("summary") or front.get("description") or "")[: library.SUMMARY],
        tags=tuple(_tags(front.get("tags"))),
        series=str(front.get("series") or ""),
        series_order=_number(front.get("series_order")),
        fields={field.name: front.get(field.name) for field in planned.kind.fields},
        note="导入",
    )


def _tags(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return [part for part in re.split(r"[,，、;；]\s*", value) if part]
    if isinstance(value, list):
        return [str(item)[: library.TAG] for item in value if item is not None][: library.TAGS]
    return []


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= 9999 else 0


def position_of(planned: Planned, order: int) -> int:
    """Where the page stands among its siblings: as it says itself, else by file order."""
    front = planned.page.document.front
    for key in ("position", "sidebar_position", "weight", "order"):
        if isinstance(front.get(key), int):
            return int(front[key])
    return order


def updated_of(planned: Planned) -> datetime | None:
    """The date the source gives for its last change."""
    value = planned.page.document.front.get("updated") or planned.page.document.front.get("date")
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def localised(planned: Planned, urls: Mapping[str, str], media: Mapping[str, str]) -> str:
    """The page's Markdown with links to pages and media turned into portal addresses.

    `urls` gives the address of a page by its path, `media` that of a file by its path; what is in
    neither stays as written.
    """
    targets: dict[str, str] = {}
    for link in planned.page.links:
        if link.kind == "page" and link.path in urls:
            anchor = f"#{link.anchor}" if link.anchor else ""
            targets[link.target] = urls[link.path] + anchor
        elif link.kind == "file" and link.path in media:
            targets[link.target] = media[link.path]
    for medium in planned.page.media:
        if medium.kind == "inside" and medium.path in media:
            targets[medium.target] = media[medium.path]
    return rewrite(planned.page.document.body, targets.get)


def fingerprint(words: library.Words) -> str:
    """What makes two imports of a page the same: its words after links have been resolved."""
    return hashlib.sha256(repr(replace(words, note="")).encode()).hexdigest()


def _unknown_kind(page: SourcePage, kind: str, kinds: Mapping[str, ContentKind]) -> Problem:
    return Problem(
        "JS-2001",
        N_("没有“%(kind)s”这种文章"),
        N_("把 kind 改成其中之一：%(kinds)s"),
        page.path,
        params={"kind": kind[:40], "kinds": "、".join(kinds)},
    )


def _taken(page: SourcePage, kind: ContentKind, slug: str) -> Problem:
    return Problem(
        "JS-2006",
        N_("网址名“%(slug)s”已被另一篇%(kind)s占用，这一篇没有导入"),
        N_("在文件头里把 slug 改成别的，例如 %(slug)s-2，再导入一次；原来那篇没有改动"),
        page.path,
        params={"slug": slug[:80], "kind": kind.label},
    )


def _renamed(page: SourcePage, wish: str, slug: str) -> Problem:
    return Problem(
        "JS-2006",
        N_("网址名“%(wish)s”已被占用，这一篇改用“%(slug)s”"),
        N_("想要别的网址名，就在文件头里写明 slug"),
        page.path,
        "warning",
        {"wish": wish, "slug": slug},
    )
