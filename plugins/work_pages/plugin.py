"""The menu: the project pages, and links of the company's own."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field, field_validator

from portal.api import N_, NavigationItem, PluginContext, PluginManifest, hookimpl


class Config(BaseModel):
    """What an administrator can set."""

    model_config = ConfigDict(frozen=True)

    projects: bool = Field(True, title=N_("显示「项目」"), description=N_("登录的人才看得到"))
    templates: bool = Field(True, title=N_("显示「模板」"))
    steps: bool = Field(True, title=N_("显示「步骤」"))
    connectors: bool = Field(
        True, title=N_("显示「连接器」"), description=N_("只有软件官和管理员看得到")
    )
    links: dict[str, str] = Field(
        default_factory=dict,
        title=N_("本单位的链接"),
        description=N_("名称 = 地址；地址写 /… 或 https://…"),
    )

    @field_validator("links")
    @classmethod
    def _leads_somewhere(cls, links: dict[str, str]) -> dict[str, str]:
        for label, url in links.items():
            inside = url.startswith("/") and not url.startswith(("//", "/\\"))
            if not label or not (inside or url.startswith("https://")):
                raise ValueError(f"{label}：地址要以 / 或 https:// 开头")
        return links


manifest = PluginManifest(
    name="work_pages",
    title=N_("菜单：项目与链接"),
    summary=N_("在主菜单里放上项目、模板、步骤、连接器，以及本单位的链接"),
    category="page",
    config=Config,
)


@hookimpl
def portal_navigation(ctx: PluginContext) -> Iterator[NavigationItem]:
    """Entries as set."""
    config: Config = ctx.config
    if config.projects:
        yield NavigationItem("projects", N_("项目"), "/projects", order=5, role="reader")
    if config.templates:
        yield NavigationItem("templates", N_("模板"), "/templates", order=10)
    if config.steps:
        yield NavigationItem("steps", N_("步骤"), "/steps", order=20)
    if config.connectors:
        yield NavigationItem("connectors", N_("连接器"), "/connectors", order=30, role="pmso")
    for number, (label, url) in enumerate(config.links.items(), start=1):
        yield NavigationItem(f"link-{number}", label, url, order=100 + number)
