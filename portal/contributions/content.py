"""What plugins add to the library: kinds of article, Markdown, sources, importers, engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kb.problems import N_, Problem

if TYPE_CHECKING:
    # Only named here: whoever makes one has it loaded, the portal's start need not.
    from kb.markup.model import MarkupExtension
    from kb.search.model import SearchEngine
    from portal.plugin_host.context import PluginContext


@dataclass(frozen=True)
class ContentField:
    """A front-matter field that a content kind asks for beyond title, summary, tags and body."""

    name: str
    label: str
    type: Literal["text", "textarea", "figures"] = "text"
    required: bool = False
    help: str = ""


@dataclass(frozen=True)
class ContentKind:
    """A kind of article.

    `name` is the id (``faq``); `label` what readers see, a gettext source string; `prefix` the
    first part of its addresses (``/faq/…``) and the folder name in a collection; `mark` the one
    character in its seal-like mark.
    """

    name: str
    label: str
    prefix: str
    mark: str
    description: str = ""
    fields: tuple[ContentField, ...] = ()
    order: int = 100
    tree: bool = False
    """Slugs with ``/`` form a tree shown beside the article (manuals)."""


CORE_KINDS: tuple[ContentKind, ...] = (
    ContentKind(
        "faq",
        N_("常见问题"),
        "faq",
        "问",
        N_("一个问题，一个答案"),
        order=10,
    ),
    ContentKind(
        "tutorial",
        N_("教程"),
        "tutorials",
        "教",
        N_("跟着做，一步一步学会"),
        order=20,
    ),
    ContentKind(
        "manual",
        N_("操作手册"),
        "manuals",
        "册",
        N_("完整的说明，随时查阅"),
        order=30,
        tree=True,
    ),
    ContentKind(
        "troubleshooting",
        N_("排错"),
        "troubleshooting",
        "障",
        N_("按报错或现象，找到原因和办法"),
        fields=(
            ContentField("code", N_("错误代码"), help=N_("例如 JS-2001；没有就空着")),
            ContentField(
                "symptom", N_("现象"), "textarea", help=N_("连同报错原文，别人会整段粘贴来搜")
            ),
            ContentField("cause", N_("原因"), "textarea"),
            ContentField("remedy", N_("办法"), "textarea"),
        ),
        order=40,
    ),
    ContentKind(
        "case",
        N_("案例"),
        "cases",
        "例",
        N_("前后对比，有数字的做法"),
        fields=(
            ContentField("industry", N_("行业")),
            ContentField("source", N_("出处"), help=N_("数字从哪里来")),
            ContentField("figures", N_("前后数字"), "figures"),
        ),
        order=50,
    ),
)


@dataclass(frozen=True)
class MarkdownExtension:
    """Markdown that authors may write once a plugin is active.

    `markup` is what the renderer takes; `title` and `example` are shown to authors. What the
    extension makes is sanitised like everything else: only ``markup.allowed_tags`` come through.
    """

    markup: MarkupExtension
    title: str
    example: str = ""

    @property
    def name(self) -> str:
        """The extension's name, unique in the portal."""
        return self.markup.name


@dataclass(frozen=True)
class ContentSource:
    """Articles that are kept elsewhere and brought in again and again (``portal sync``).

    `fetch(ctx, into)` puts Markdown files, with the pictures they show, into the empty folder
    `into` and gives the folder (or file) to import; `into` is removed afterwards. It may raise
    ProblemError (JS-4003). `kind` and `space` are used for pages that do not say. With
    `every_minutes` the worker fetches by itself; 0: only when asked.
    """

    name: str
    title: str
    description: str
    fetch: Callable[[PluginContext, Path], Path]
    kind: str = ""
    space: str = ""
    publish: bool = False
    every_minutes: int = 0


@dataclass(frozen=True)
class Importer:
    """A file format that ``portal import`` can read besides Markdown and zip.

    `suffixes` are file name endings with their dot, in lower case. `convert(ctx, path, into)`
    writes Markdown pages, with their pictures, into the empty folder `into` and gives what is
    worth knowing about the conversion. It may raise ProblemError (JS-2007).
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    convert: Callable[[PluginContext, Path, Path], Iterable[Problem]]
    kind: str = ""
    """Used for pages that do not say what they are."""


@dataclass(frozen=True)
class SearchEngineKind:
    """A search engine to choose with the setting ``search_engine = "NAME"``.

    `make(ctx, folder)` gives an engine (`kb.search.model.SearchEngine`) that keeps its index in
    `folder`, which may not exist yet.
    """

    name: str
    title: str
    description: str
    make: Callable[[PluginContext, Path], SearchEngine]


@dataclass(frozen=True)
class Shortcut:
    """Where a query leads at once: an answer shown above everything that search has found."""

    title: str
    url: str
    note: str = ""

    def __post_init__(self) -> None:
        check_url(f"shortcut {self.title!r}", self.url)


def check_url(what: str, url: str) -> None:
    """Raise ValueError unless `url` is an address of this portal (``/…``) or ``https://…``."""
    inside = url.startswith("/") and not url.startswith(("//", "/\\"))
    if not inside and not url.startswith("https://"):
        raise ValueError(f"{what}: {url!r} is neither /… nor https://…")
