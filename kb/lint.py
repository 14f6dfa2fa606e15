"""Check a folder of Markdown before it is published: dead links, missing pictures, missing titles.

Reading and resolving is the importer's (`kb.importers.markdown_folder`), anchors are the
renderer's, so that what is found here is what readers would meet.
"""

from __future__ import annotations

import re
from collections.abc import Collection as Group
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from kb.document import Rendered
from kb.frontmatter import written_headings
from kb.importers.markdown_folder import (
    Collection,
    SourceLink,
    SourceMedia,
    SourcePage,
    read_collection,
    slug_for,
)
from kb.importers.tree import FolderTree
from kb.markup import Renderer
from kb.markup.page import video_type
from kb.problems import N_, Problem, ProblemError
from kb.slugs import is_slug

KIND_FOLDERS = frozenset({"faq", "tutorials", "troubleshooting", "cases", "manuals"})
KINDS = frozenset({"faq", "tutorial", "troubleshooting", "case", "manual"})

_PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp")
_NO_ALT = re.compile(r'<img alt="" [^>]*?src="([^"]*)"')
_CHECKED_HERE = frozenset({"JS-2007", "JS-2008"})


def lint_tree(
    root: Path, *, folders: Group[str] = KIND_FOLDERS, kinds: Group[str] = KINDS
) -> list[Problem]:
    """Everything wrong under `root` (a folder, a file or a zip), by file and line.

    `folders` and `kinds` are the known kinds of article, as folder names and in front matter.
    Errors are what readers would trip over; warnings what could be better. Raises
    FileNotFoundError, and ProblemError JS-2004 for a zip that cannot be trusted.
    """
    with read_collection(root) as collection:
        problems = list(_Lint(root, collection, folders, kinds).problems())
    return sorted(problems, key=_order)


def _order(problem: Problem) -> tuple[str, int, str]:
    path, _, line = problem.where.rpartition(":")
    return (path, int(line), problem.code) if line.isdigit() else (problem.where, 0, problem.code)


class _Lint:
    """One run over a collection."""

    def __init__(
        self, root: Path, collection: Collection, folders: Group[str], kinds: Group[str]
    ) -> None:
        self.root = root
        self.collection = collection
        self.folders = folders
        self.kinds = kinds
        self.pages = {page.path: page for page in collection.pages}
        self.rendered: dict[str, Rendered] = {}
        self.anchors: dict[str, frozenset[str]] = {}
        self.addresses: dict[str, str] = {}

    def problems(self) -> Iterator[Problem]:
        """All findings, in no particular order."""
        yield from (p for p in self.collection.problems if p.code not in _CHECKED_HERE)
        yield from self.render()
        yield from self.slugs()
        yield from self.kind_of_pages()
        for page in self.pages.values():
            yield from self.front(page)
            yield from self.headings(page)
            yield from self.pictures(page)
            reported: set[str] = set()
            for link in page.links:
                problem = self.link(page, link)
                if problem is not None and link.target not in reported:
                    reported.add(link.target)
                    yield problem
        yield from self.orphans()

    def render(self) -> Iterator[Problem]:
        """Render every page: for its anchors, and because it may not be possible."""
        renderer = Renderer()
        for path, page in self.pages.items():
            try:
                rendered = renderer.render(page.document.body)
            except ProblemError as error:
                found = error.problem
                yield Problem(found.code, found.message, found.remedy, path, params=found.params)
                continue
            self.rendered[path] = rendered
            self.anchors[path] = frozenset(heading.anchor for heading in rendered.outline)

    def slugs(self) -> Iterator[Problem]:
        """Addresses that two pages claim, or that cannot be one."""
        root_name = "" if self.collection.root_name in self.folders else self.collection.root_name
        for path, page in self.pages.items():
            own = page.document.front.get("slug")
            address = slug_for(path, root_name=root_name)
            if own is not None:
                wanted = str(own).strip("/")
                if not is_slug(wanted):
                    yield Problem(
                        "JS-2006",
                        N_("网址名 %(slug)s 不能用。"),
                        N_("网址名只用小写字母、数字、汉字和连字符，各级之间用 / 隔开。"),
                        f"{path}:1",
                        params={"slug": wanted},
                    )
                    continue
                folder = address.split("/")[0] if "/" in address else ""
                address = f"{folder}/{wanted}" if folder in self.folders else wanted
            other = self.addresses.setdefault(address, path)
            if other != path:
                yield Problem(
                    "JS-2006",
                    N_("网址名 %(slug)s 与 %(other)s 重复。"),
                    N_("给其中一篇改文件名，或在文件头里写不同的 slug。"),
                    path,
                    params={"slug": address, "other": other},
                )

    def kind_of_pages(self) -> Iterator[Problem]:
        """Pages whose kind neither their folder nor their front matter tells."""
        inside = self.root.resolve()
        if any(part in self.folders for part in inside.parts[-2:]):
            return
        unknown: set[str] = set()
        for path, page in self.pages.items():
            kind = page.document.front.get("kind")
            if kind is not None and kind not in self.kinds:
                yield Problem(
                    "JS-2001",
                    N_("没有“%(kind)s”这种内容类别。"),
                    N_("kind 写成其中一个：%(kinds)s。"),
                    f"{path}:1",
                    params={"kind": kind, "kinds": "、".join(sorted(self.kinds))},
                )
            elif kind is None:
                folder = path.split("/")[0] if "/" in path else ""
                if folder not in self.folders and folder not in unknown:
                    unknown.add(folder)
                    yield Problem(
                        "JS-2009",
                        N_("这里的文章看不出类别，导入时要用 --kind 指明。"),
                        N_("放进 %(folders)s 之一，或在文件头里写 kind。"),
                        folder or path,
                        "warning",
                        {"folders": "、".join(sorted(self.folders))},
                    )

    def front(self, page: SourcePage) -> Iterator[Problem]:
        """Title and text."""
        if not page.document.title:
            yield Problem(
                "JS-2009",
                N_("没有标题。"),
                N_("在文件头里写 title，或在正文开头写一行“# 标题”。"),
                f"{page.path}:1",
            )
        if not page.document.body.strip():
            yield Problem(
                "JS-2009",
                N_("没有正文。"),
                N_("写好正文，或先把文件移出这个文件夹。"),
                page.path,
            )

    def headings(self, page: SourcePage) -> Iterator[Problem]:
        """Headings that skip a level (the title is level 1)."""
        before = 1
        for heading in written_headings(page.document.body.split("\n")):
            if heading.level > before + 1:
                yield Problem(
                    "JS-2009",
                    N_("标题“%(heading)s”是 %(level)d 级，它上面只有 %(before)d 级，跳过了一级。"),
                    N_("让标题逐级加深：## 下面用 ###。"),
                    page.path,
                    "warning",
                    {"heading": heading.text[:40], "level": heading.level, "before": before},
                )
            before = heading.level

    def pictures(self, page: SourcePage) -> Iterator[Problem]:
        """Missing pictures and video; pictures without words; video without captions."""
        reported: set[str] = set()
        for media in page.media:
            if media.target not in reported:
                reported.add(media.target)
                yield from self.one_medium(page, media)
        rendered = self.rendered.get(page.path)
        lines = {media.target: media.line for media in page.media}
        for source in _NO_ALT.findall(rendered.html) if rendered else ():
            target = unescape(source)
            line = lines.get(target)
            yield Problem(
                "JS-2009",
                N_("图片 %(target)s 没有替代文字，看不见图的读者不知道它说什么。"),
                N_("在方括号里用一句话写出图里的要点：![要点](图片)。"),
                f"{page.path}:{line}" if line else page.path,
                "warning",
                {"target": target},
            )

    def one_medium(self, page: SourcePage, media: SourceMedia) -> Iterator[Problem]:
        """What is wrong with one picture or video."""
        where = f"{page.path}:{media.line}"
        params = {"target": media.target[:200]}
        if media.kind == "inside":
            if video_type(media.path) and not self.has_captions(media.path):
                yield Problem(
                    "JS-2009",
                    N_("视频 %(target)s 没有字幕。"),
                    N_("在视频旁边放一个同名的 .vtt 字幕文件。"),
                    where,
                    "warning",
                    params,
                )
            return
        if media.kind == "missing":
            if media.target.startswith("/media/"):
                return  # uploaded to the portal, not part of the folder
            yield Problem(
                "JS-2007",
                N_("找不到图片或视频 %(target)s。"),
                N_("把文件放到那里，或改正正文里的路径（区分大小写）。"),
                where,
                params=params,
            )
        elif media.kind == "outside":
            yield Problem(
                "JS-2007",
                N_("图片或视频 %(target)s 在检查的文件夹之外。"),
                N_("把它移进来，或改为检查包含两者的上级文件夹。"),
                where,
                params=params,
            )
        else:
            yield Problem(
                "JS-2007",
                N_("图片或视频 %(target)s 不在本站，页面上只会显示成链接。"),
                N_("下载下来放进文件夹，正文里改用相对路径。"),
                where,
                "warning",
                params,
            )

    def has_captions(self, path: str) -> bool:
        """Whether captions lie beside a video: ``a.vtt`` or ``a.zh.vtt`` for ``a.mp4``."""
        stem = path.rpartition(".")[0]
        return any(
            name.endswith(".vtt") and (name == f"{stem}.vtt" or name.startswith(f"{stem}."))
            for name in self.files()
        )

    def files(self) -> Group[str]:
        """Every file of the folder, whether used or not; nothing for a single file or a zip."""
        if not self.root.is_dir():
            return self.collection.media.keys()
        return FolderTree(self.root).files.keys()

    def link(self, page: SourcePage, link: SourceLink) -> Problem | None:
        """What is wrong with a link, if anything."""
        where = f"{page.path}:{link.line}"
        path, kind = link.path, link.kind
        if kind == "missing" and link.target.startswith("/"):
            address, _, _ = link.target.strip("/").partition("#")
            path = self.addresses.get(unquote(address), "")
            if not path:
                folder = address.partition("/")[0]
                if folder not in self.folders or not self.holds(folder):
                    return None  # a page of the portal, or of a folder that is not here
            else:
                kind = "page"
        params = {"target": link.target[:200], "anchor": link.anchor}
        if kind == "missing":
            return Problem(
                "JS-2008",
                N_("链接 %(target)s 指向的文件不存在。"),
                N_("改正链接，或补上缺少的文件。"),
                where,
                params=params,
            )
        if kind == "outside":
            return Problem(
                "JS-2008",
                N_("链接 %(target)s 指到检查的文件夹之外。"),
                N_("改为检查包含两者的上级文件夹，或删去这个链接。"),
                where,
                "warning",
                params,
            )
        if kind in ("page", "anchor") and link.anchor:
            known = self.anchors.get(path or page.path)
            # Within a page the renderer leads to headings that had to give way to the page's ids.
            given_way = path in ("", page.path) and f"s-{link.anchor}" in (known or ())
            if known is not None and link.anchor not in known and not given_way:
                return Problem(
                    "JS-2008",
                    N_("链接 %(target)s 的锚点 #%(anchor)s 在目标页面里没有。"),
                    N_("从目标标题旁的 # 复制链接，或去掉 # 后面的部分。"),
                    where,
                    params=params,
                )
        return None

    def holds(self, folder: str) -> bool:
        """Whether pages of this kind are part of what is checked."""
        return any(path.startswith(f"{folder}/") for path in self.pages)

    def orphans(self) -> Iterator[Problem]:
        """Pictures that no page shows or links to."""
        if not self.root.is_dir():
            return
        used = set(self.collection.media)
        named = " ".join(
            str(value) for page in self.pages.values() for value in page.document.front.values()
        )
        for path in self.files():
            if path.lower().endswith(_PICTURES) and path not in used:
                name = path.rpartition("/")[2]
                if name not in named:
                    yield Problem(
                        "JS-2009",
                        N_("图片 %(name)s 没有页面使用。"),
                        N_("在文章里引用它，或删掉它。"),
                        path,
                        "warning",
                        {"name": name},
                    )
