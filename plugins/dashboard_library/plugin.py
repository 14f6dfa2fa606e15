"""每日一则 and 本周新文章, each for what this reader may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from portal.api import (
    N_,
    ArticleSummary,
    DashboardWidget,
    Markup,
    PluginContext,
    PluginManifest,
    Viewer,
    hookimpl,
    translate,
)


class Config(BaseModel):
    """What an administrator can set."""

    model_config = ConfigDict(frozen=True)

    tip_kind: str = Field(
        "faq",
        title=N_("每日一则取自"),
        description=N_("栏目的代号，例如 faq、tutorial；空着就取全部"),
    )
    days: int = Field(7, ge=1, le=90, title=N_("新文章算几天之内"))
    limit: int = Field(5, ge=1, le=20, title=N_("新文章列几篇"))


manifest = PluginManifest(
    name="dashboard_library",
    title=N_("首页卡片"),
    summary=N_("每日一则、本周新文章"),
    category="page",
    config=Config,
)


def today() -> datetime:
    """Now; tests replace it."""
    return datetime.now(UTC)


def tip(ctx: PluginContext, viewer: Viewer) -> str:
    """One article a day, the same for everybody who sees the same library."""
    config: Config = ctx.config
    number = today().toordinal()
    article = ctx.library.nth(viewer, number, kind=config.tip_kind or None)
    if article is None:
        return ""
    return Markup("<p>{}</p><p>{}</p>").format(_link(article), article.summary)


def fresh(ctx: PluginContext, viewer: Viewer) -> str:
    """What has been published lately, newest first."""
    config: Config = ctx.config
    since = today() - timedelta(days=config.days)
    articles = ctx.library.newest(viewer, limit=config.limit, since=since)
    if not articles:
        return ""
    items = Markup("").join(
        Markup("<li>{} <small>{}</small></li>").format(_link(one), translate(one.kind_label))
        for one in articles
    )
    return Markup("<ul>{}</ul>").format(items)


def _link(article: ArticleSummary) -> Markup:
    return Markup('<a href="{}">{}</a>').format(article.url, article.title)


@hookimpl
def portal_dashboard_widgets(ctx: PluginContext) -> list[DashboardWidget]:
    """Both cards."""
    return [
        DashboardWidget("tip", N_("每日一则"), tip, order=10),
        DashboardWidget("fresh", N_("新文章"), fresh, order=20),
    ]
