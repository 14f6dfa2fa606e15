"""Every hook a plugin may implement. What is written here is the contract.

Two kinds, both prefixed ``portal_``: *collecting* hooks return an iterable of contributions
(`portal.contributions`), *event* hooks are told of something after it is committed and return
nothing. Each implementation is called by itself, with a `ctx` of its own plugin
(`portal.plugin_host.context.PluginContext`); it may leave out arguments it does not need. Wrappers,
``tryfirst`` and ``trylast`` are refused: the order of plugins is the host's.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from portal.contributions import (
    ArticleView,
    CliCommand,
    ConnectorKind,
    ContentKind,
    DashboardWidget,
    MarkdownExtension,
    NavigationItem,
    ProjectTemplate,
    WorkflowStepKind,
)
from portal.plugin_host.context import PluginContext

PROJECT = "portal"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def portal_markdown_extensions(ctx: PluginContext) -> Iterable[MarkdownExtension]:
    """Markdown that authors may write.

    Collected when the renderer is built; a page whose extension raises is rendered without it::

        @hookimpl
        def portal_markdown_extensions(ctx):
            markup = MarkupExtension("keys", "1.0", KeysExtension, {"kbd": frozenset()})
            return [MarkdownExtension(markup, title=N_("按键"), example="[[Ctrl+K]]")]
    """
    return ()


@hookspec
def portal_content_kinds(ctx: PluginContext) -> Iterable[ContentKind]:
    """Kinds of article, with an address prefix and fields of their own::

    @hookimpl
    def portal_content_kinds(ctx):
        return [ContentKind("announcement", N_("公告"), prefix="announcements", mark="告")]
    """
    return ()


@hookspec
def portal_project_templates(ctx: PluginContext) -> Iterable[ProjectTemplate]:
    """Projects to start from, shown in the gallery at ``/templates``::

    @hookimpl
    def portal_project_templates(ctx):
        return [
            ProjectTemplate(
                name="office_move", title=N_("办公室搬迁"), description=N_("两周搬完"),
                phases=(TemplatePhase("1", N_("准备")),),
                tasks=(
                    TemplateTask("1.1", N_("量尺寸"), days=1, hours=4),
                    TemplateTask("1.2", N_("订家具"), days=5, hours=6, after=("1.1",)),
                ),
            )
        ]
    """
    return ()


@hookspec
def portal_workflow_step_kinds(ctx: PluginContext) -> Iterable[WorkflowStepKind]:
    """Kinds of step a flow can be built of, shown at ``/steps``::

    class SignConfig(BaseModel):
        signer: str = Field(title=N_("签字人"))

    @hookimpl
    def portal_workflow_step_kinds(ctx):
        done = Outcome("signed", N_("已签"))
        return [
            WorkflowStepKind("sign", N_("签字"), N_("请一个人签字"), SignConfig, (done,),
                             human=True, example={"signer": "王工"})
        ]
    """
    return ()


@hookspec
def portal_erp_connectors(ctx: PluginContext) -> Iterable[ConnectorKind]:
    """Other systems the portal can read from, shown at ``/connectors``::

    @hookimpl
    def portal_erp_connectors(ctx):
        return [ConnectorKind("csv_folder", N_("CSV 文件夹"), N_("…"), FolderConfig,
                              entities=(TASKS,), connector=CsvFolder())]
    """
    return ()


@hookspec
def portal_navigation(ctx: PluginContext) -> Iterable[NavigationItem]:
    """Entries of the main menu::

    @hookimpl
    def portal_navigation(ctx):
        return [NavigationItem("start", N_("新人第一天"), "/tutorials/portal-first-day")]
    """
    return ()


@hookspec
def portal_dashboard_widgets(ctx: PluginContext) -> Iterable[DashboardWidget]:
    """Cards on the home page::

    def render(ctx, viewer):
        return Markup("<p>{}</p>").format(ctx.config.motto)

    @hookimpl
    def portal_dashboard_widgets(ctx):
        return [DashboardWidget("motto", N_("每日一句"), render)]
    """
    return ()


@hookspec
def portal_cli_commands(ctx: PluginContext) -> Iterable[CliCommand]:
    """Commands under ``portal x PLUGIN``; they run inside the application's context::

    @hookimpl
    def portal_cli_commands(ctx):
        @click.command()
        def hello():
            click.echo(ctx.config.motto)

        return [CliCommand(hello)]
    """
    return ()


@hookspec
def portal_on_startup(ctx: PluginContext) -> None:
    """The plugin has become active in this process (called once in each)::

    @hookimpl
    def portal_on_startup(ctx):
        ctx.connectors_dir.mkdir(parents=True, exist_ok=True)
    """


@hookspec
def portal_on_content_changed(ctx: PluginContext, article: ArticleView) -> None:
    """An article was published, changed or taken back; called after the commit::

    @hookimpl
    def portal_on_content_changed(ctx, article):
        ctx.log.info("%s is now %s", article.url, "up" if article.published else "down")
    """
