"""What has been going on: events as they come, and a page that lists them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from flask import Blueprint
from pydantic import BaseModel, ConfigDict, Field

from plugins.activity import diary
from plugins.activity.diary import Event
from portal.api import (
    N_,
    ArticleView,
    LoginView,
    Permission,
    PluginBlueprint,
    PluginContext,
    PluginManifest,
    ProjectView,
    ScheduledJob,
    StepView,
    hookimpl,
    translate,
)

SHOWN = 100
LATELY = timedelta(days=7)

KINDS = {
    "login": N_("登录"),
    "article": N_("文章"),
    "project": N_("项目"),
    "step": N_("步骤"),
}


class Config(BaseModel):
    """What an administrator can set."""

    model_config = ConfigDict(frozen=True)

    keep: int = Field(2000, ge=100, le=100_000, title=N_("最多留多少条"))
    names: bool = Field(
        False,
        title=N_("写明是谁登录"),
        description=N_("不勾选就只计次数；勾选前请先告知大家"),
    )


manifest = PluginManifest(
    name="activity",
    title=N_("动态"),
    summary=N_("最近发生了什么：登录、文章、项目、步骤，列在一页上"),
    category="page",
    requires_api=">=1.1,<2",
    config=Config,
    templates="templates",
    static="static",
)


@hookimpl
def portal_on_login(ctx: PluginContext, login: LoginView) -> None:
    """Somebody came in."""
    who = login.name if ctx.config.names else ""
    diary.add(ctx.data_dir, Event(diary.now(), "login", login.provider, who=who))


@hookimpl
def portal_on_content_changed(ctx: PluginContext, article: ArticleView) -> None:
    """An article was published or changed."""
    if article.published:
        diary.add(ctx.data_dir, Event(diary.now(), "article", article.title, article.url))


@hookimpl
def portal_on_project_created(ctx: PluginContext, project: ProjectView) -> None:
    """A project was started."""
    diary.add(ctx.data_dir, Event(diary.now(), "project", project.title, project.url))


@hookimpl
def portal_on_step_finished(ctx: PluginContext, step: StepView) -> None:
    """A step ended."""
    text = f"{step.project.title} · {step.title}"
    diary.add(ctx.data_dir, Event(diary.now(), "step", text, step.project.url, step.by))


@hookimpl
def portal_permissions(ctx: PluginContext) -> list[Permission]:
    """Who may look."""
    return [Permission("read", N_("看动态"), role="pmso")]


@hookimpl
def portal_blueprints(ctx: PluginContext) -> list[PluginBlueprint]:
    """The page."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def index() -> str:
        events = diary.newest(ctx.data_dir, ctx.config.keep)
        since = datetime.now(UTC) - LATELY
        lately = Counter(event.kind for event in events if event.moment >= since)
        counts = [(translate(label), lately[kind]) for kind, label in KINDS.items()]
        shown = [event for event in events if event.kind != "login" or event.who][:SHOWN]
        return ctx.render(
            "index.html", events=shown, counts=counts, labels=KINDS, style=ctx.asset("activity.css")
        )

    return [PluginBlueprint(pages, permission="read")]


@hookimpl
def portal_scheduled_jobs(ctx: PluginContext) -> list[ScheduledJob]:
    """Old events go at night."""

    def tidy(ctx: PluginContext) -> str:
        gone = diary.trim(ctx.data_dir, ctx.config.keep)
        return translate(N_("删去 %(number)s 条旧的"), number=gone)

    return [ScheduledJob("tidy", N_("清理旧动态"), tidy, at="03:30")]
