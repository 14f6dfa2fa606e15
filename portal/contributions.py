"""What plugins give: frozen dataclasses, checked by the host, handed to the rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel

from kb.problems import N_, Problem
from portal.project_template import (
    LearningLink,
    ProjectTemplate,
    TaskLink,
    TemplatePhase,
    TemplateRole,
    TemplateTask,
)

if TYPE_CHECKING:
    # Only named here: whoever makes one has it loaded, the portal's start need not.
    import click

    from kb.markup.model import MarkupExtension
    from portal.plugin_host.context import PluginContext

__all__ = [
    "CORE_KINDS",
    "ArticleView",
    "CheckResult",
    "CliCommand",
    "Connector",
    "ConnectorKind",
    "ContentField",
    "ContentKind",
    "DashboardWidget",
    "Entity",
    "EntityReport",
    "LearningLink",
    "MarkdownExtension",
    "NavigationItem",
    "Outcome",
    "ProjectTemplate",
    "Pulled",
    "TaskLink",
    "TemplatePhase",
    "TemplateRole",
    "TemplateTask",
    "Viewer",
    "WorkflowStepKind",
]

# Content ----------------------------------------------------------------------------------------


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


# Workflow ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """One way a step can end; flows branch on `name`."""

    name: str
    title: str


@dataclass(frozen=True)
class WorkflowStepKind:
    """A kind of step that a flow can be built of.

    `human`: somebody has to act. `repeat_safe`: doing it twice does no harm, so that it may be
    tried again after a crash. `example` is a config that `config_model` accepts.
    """

    name: str
    title: str
    description: str
    config_model: type[BaseModel]
    outcomes: tuple[Outcome, ...]
    human: bool = False
    repeat_safe: bool = True
    example: Mapping[str, Any] = field(default_factory=dict)
    learn: tuple[LearningLink, ...] = ()


# Connectors -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entity:
    """A kind of record another system holds. `columns`: name → title, the required ones first."""

    name: str
    title: str
    columns: Mapping[str, str]
    required: tuple[str, ...] = ()
    key: str = ""
    """The column that tells records apart."""


@dataclass(frozen=True)
class EntityReport:
    """What a check found of one entity."""

    name: str
    title: str
    rows: int = 0
    detail: str = ""
    """Where it was found and how it was read, for people."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """What a check found. Only a problem of severity ``error`` makes it fail."""

    entities: tuple[EntityReport, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """True when data can be pulled."""
        every = [*self.problems, *(p for entity in self.entities for p in entity.problems)]
        return all(problem.severity != "error" for problem in every)


@dataclass(frozen=True)
class Pulled:
    """Some records and the cursor to go on from; `more`: call again at once."""

    rows: tuple[Mapping[str, str], ...]
    cursor: str = ""
    more: bool = False


class Connector(Protocol):
    """What a connector does. It may raise ProblemError (JS-4003); anything else is a fault."""

    def check(self, ctx: PluginContext, config: Any) -> CheckResult:
        """Look, change nothing, and say what was found."""

    def discover(self, ctx: PluginContext, config: Any) -> tuple[Entity, ...]:
        """The entities this configuration offers."""

    def pull(self, ctx: PluginContext, config: Any, entity: str, cursor: str) -> Pulled:
        """Records changed since `cursor` (empty: from the beginning)."""


@dataclass(frozen=True)
class ConnectorKind:
    """A system the portal can read from. *proven* only when tests run it against the real one."""

    name: str
    title: str
    description: str
    config_model: type[BaseModel]
    entities: tuple[Entity, ...]
    connector: Connector
    status: Literal["proven", "experimental"] = "experimental"


# Pages ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NavigationItem:
    """An entry in the main menu; `role` is the least role that sees it (empty: everybody)."""

    name: str
    label: str
    url: str
    order: int = 100
    role: Literal["", "reader", "author", "reviewer", "pmso", "admin"] = ""

    def __post_init__(self) -> None:
        inside = self.url.startswith("/") and not self.url.startswith(("//", "/\\"))
        if not inside and not self.url.startswith("https://"):
            raise ValueError(f"menu entry {self.name}: {self.url!r} is neither /… nor https://…")


@dataclass(frozen=True)
class Viewer:
    """Who is looking: what a widget may know of the reader. A visitor has no id and no role."""

    id: int | None = None
    name: str = ""
    display_name: str = ""
    role: str = ""


@dataclass(frozen=True)
class DashboardWidget:
    """A card on the home page.

    `render(ctx, viewer)` gives `Markup`; a plain `str` is escaped. Empty means "nothing today"
    and shows no card. It should take well under its budget of 300 ms.
    """

    name: str
    title: str
    render: Callable[[PluginContext, Viewer], str]
    order: int = 100


@dataclass(frozen=True)
class CliCommand:
    """A command under ``portal x PLUGIN``; it runs inside the application's context."""

    command: click.Command

    @property
    def name(self) -> str:
        """What is typed."""
        return self.command.name or ""


# Events -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ArticleView:
    """What an event tells about an article: a copy, not the article."""

    id: int
    kind: str
    title: str
    url: str
    published: bool
    summary: str = ""
    updated: datetime | None = None
