"""A greeting on the home page, with the newest articles, and a page that lists more of them."""

from __future__ import annotations

from flask import Blueprint
from pydantic import BaseModel, ConfigDict, Field

from portal.api import (
    N_,
    DashboardWidget,
    Permission,
    PluginBlueprint,
    PluginContext,
    PluginManifest,
    Viewer,
    hookimpl,
)


class Config(BaseModel):
    """What an administrator can set."""

    model_config = ConfigDict(frozen=True)

    greeting: str = Field("你好", min_length=1, max_length=40, title=N_("问候语"))
    articles: int = Field(3, ge=0, le=10, title=N_("卡片上列几篇新文章"))


manifest = PluginManifest(
    name="hello",
    title=N_("问候"),
    summary=N_("首页上问声好，列出最新的文章"),
    category="page",
    version="0.1.0",
    requires_api=">=1.1,<2",
    config=Config,
    templates="templates",
    static="static",
)


def card(ctx: PluginContext, viewer: Viewer) -> str:
    """The card: what this reader may see, and nothing else."""
    config: Config = ctx.config
    return ctx.render(
        "card.html",
        style=ctx.asset("card.css"),
        greeting=config.greeting,
        viewer=viewer,
        articles=ctx.library.newest(viewer, limit=config.articles),
        more=ctx.url(),
    )


@hookimpl
def portal_dashboard_widgets(ctx: PluginContext) -> list[DashboardWidget]:
    """The card."""
    return [DashboardWidget("hello", N_("问候"), card)]


@hookimpl
def portal_permissions(ctx: PluginContext) -> list[Permission]:
    """Everybody who is signed in; an administrator can choose another role."""
    return [Permission("see", N_("看新文章一览"), role="reader")]


@hookimpl
def portal_blueprints(ctx: PluginContext) -> list[PluginBlueprint]:
    """The page at ``/x/hello/``, for those who have the permission."""
    bp = Blueprint("hello", __name__)

    @bp.get("/")
    def index() -> str:
        return ctx.render("index.html", articles=ctx.library.newest(ctx.viewer(), limit=50))

    return [PluginBlueprint(bp, permission="see")]
