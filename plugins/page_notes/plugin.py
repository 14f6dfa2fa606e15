"""A line of the company's own at fixed places of the portal's pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import BaseModel, ConfigDict, Field

from portal.api import (
    N_,
    Markup,
    PluginContext,
    PluginManifest,
    TemplateSlot,
    Viewer,
    hookimpl,
)

LONGEST = 300


class Config(BaseModel):
    """What an administrator can set; empty shows nothing."""

    model_config = ConfigDict(frozen=True)

    article_end: str = Field("", max_length=LONGEST, title=N_("每篇文章的末尾"))
    search_end: str = Field("", max_length=LONGEST, title=N_("搜索结果下面"))
    project_end: str = Field("", max_length=LONGEST, title=N_("项目页的末尾"))
    foot: str = Field("", max_length=LONGEST, title=N_("每一页的页脚"))


manifest = PluginManifest(
    name="page_notes",
    title=N_("提示语"),
    summary=N_("在文章末尾、搜索结果下面、页脚放一句本单位的话"),
    category="page",
    requires_api=">=1.1,<2",
    config=Config,
)

PLACES = {
    "article_end": "article.end",
    "search_end": "search.end",
    "project_end": "project.end",
    "foot": "foot",
}


@hookimpl
def portal_template_slots(ctx: PluginContext) -> Iterator[TemplateSlot]:
    """A slot for each text that is set."""
    for name, slot in PLACES.items():
        text = getattr(ctx.config, name).strip()
        if text:
            yield TemplateSlot(name, slot, _saying(text))


def _saying(text: str) -> Callable[[PluginContext, Viewer, object], Markup]:
    html = Markup("<p>{}</p>").format(text)
    return lambda ctx, viewer, subject: html
