"""Every hook a plugin may implement. What is written here is the contract.

Three kinds, all prefixed ``portal_``:

* *collecting* hooks, ``portal_<nouns>(ctx)``, return an iterable of contributions
  (`portal.contributions`); they are called once for each set of active plugins and settings;
* *event* hooks, ``portal_on_<event>(ctx, …)``, are told of something after it is committed; their
  result is ignored;
* *resolving* hooks, ``portal_resolve_<x>(ctx, …)``: the first plugin that gives something else than
  None has answered.

Each implementation is called by itself, with a `ctx` of its own plugin
(`portal.plugin_host.context.PluginContext`); it may leave out arguments it does not need. Wrappers,
``tryfirst`` and ``trylast`` are refused: the order of plugins is the host's.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from portal.contributions import (
    ArticleView,
    AuthProvider,
    CliCommand,
    ConnectorKind,
    ContentKind,
    ContentSource,
    DashboardWidget,
    HealthCheck,
    HealthSignal,
    Importer,
    LoginView,
    MarkdownExtension,
    NavigationItem,
    NotificationChannel,
    Permission,
    PluginBlueprint,
    ProjectTemplate,
    ProjectView,
    ReportBlock,
    ScheduledJob,
    SearchEngineKind,
    Shortcut,
    StepView,
    TemplateSlot,
    Viewer,
    WorkflowStepKind,
)
from portal.plugin_host.context import PluginContext

PROJECT = "portal"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def portal_markdown_extensions(ctx: PluginContext) -> Iterable[MarkdownExtension]:
    """Markdown that authors may write.

    Collected when the renderer is built; a page whose extension raises or takes longer than the
    budget is rendered without it::

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
def portal_content_sources(ctx: PluginContext) -> Iterable[ContentSource]:
    """Articles kept elsewhere, brought in by ``portal sync`` and by the worker::

    def fetch(ctx, into):
        shutil.copytree(ctx.config.folder, into, dirs_exist_ok=True)
        return into

    @hookimpl
    def portal_content_sources(ctx):
        return [ContentSource("wiki", N_("部门维基"), N_("每小时取一次"), fetch, every_minutes=60)]
    """
    return ()


@hookspec
def portal_importers(ctx: PluginContext) -> Iterable[Importer]:
    """File formats that ``portal import`` reads besides Markdown::

    def convert(ctx, path, into):
        (into / "page.md").write_text(to_markdown(path), encoding="utf-8")
        return []

    @hookimpl
    def portal_importers(ctx):
        return [Importer("rst", N_("reStructuredText"), (".rst",), convert)]
    """
    return ()


@hookspec
def portal_search_engines(ctx: PluginContext) -> Iterable[SearchEngineKind]:
    """Engines to choose with the setting ``search_engine``::

    @hookimpl
    def portal_search_engines(ctx):
        return [SearchEngineKind("fts5", N_("SQLite 全文"), N_("小而省"), lambda ctx, folder:
                                 Fts5Engine(folder))]
    """
    return ()


@hookspec
def portal_resolve_shortcut(ctx: PluginContext, query: str, viewer: Viewer) -> Shortcut | None:
    """A query that leads somewhere at once: shown above what search has found::

    @hookimpl
    def portal_resolve_shortcut(ctx, query):
        if query == "请假":
            return Shortcut(N_("请假流程"), "/faq/leave")
    """


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
def portal_health_signals(ctx: PluginContext) -> Iterable[HealthSignal]:
    """What tells how healthy a plan is, on the pages of templates and projects::

    def unnamed(ctx, project):
        for task in project.tasks:
            if not task.role:
                yield Deduction(5, N_("%(wbs)s 没有人负责"), project.url, {"wbs": task.wbs})

    @hookimpl
    def portal_health_signals(ctx):
        return [HealthSignal("unnamed", N_("责任人"), unnamed)]
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
def portal_template_slots(ctx: PluginContext) -> Iterable[TemplateSlot]:
    """Something at a documented place (`SLOTS`) of the portal's own pages::

    @hookimpl
    def portal_template_slots(ctx):
        return [TemplateSlot("hotline", "article.end", lambda ctx, viewer, article: "打 8000")]
    """
    return ()


@hookspec
def portal_permissions(ctx: PluginContext) -> Iterable[Permission]:
    """Things in this plugin that not everybody may do::

    @hookimpl
    def portal_permissions(ctx):
        return [Permission("write", N_("在留言本上写"), role="reader")]
    """
    return ()


@hookspec
def portal_blueprints(ctx: PluginContext) -> Iterable[PluginBlueprint]:
    """Pages of the plugin's own at ``/x/PLUGIN/``, shut unless a permission is named::

    @hookimpl
    def portal_blueprints(ctx):
        bp = Blueprint("guestbook", __name__)
        bp.add_url_rule("/", "index", lambda: ctx.render("index.html"))
        return [PluginBlueprint(bp, permission="write")]
    """
    return ()


@hookspec
def portal_report_blocks(ctx: PluginContext) -> Iterable[ReportBlock]:
    """Tables on the page of figures (``/reports``)::

    def build(ctx, viewer):
        rows = tuple(ctx.library.counts(viewer).items())
        return ReportTable((N_("类别"), N_("篇数")), rows)

    @hookimpl
    def portal_report_blocks(ctx):
        return [ReportBlock("counts", N_("文章数"), build)]
    """
    return ()


@hookspec
def portal_auth_providers(ctx: PluginContext) -> Iterable[AuthProvider]:
    """Other places that know passwords, asked after the portal's own::

    def authenticate(ctx, name, password):
        return Identity(name) if knows(name, password) else None

    @hookimpl
    def portal_auth_providers(ctx):
        return [AuthProvider("ldap", N_("公司账号"), authenticate)]
    """
    return ()


@hookspec
def portal_notification_channels(ctx: PluginContext) -> Iterable[NotificationChannel]:
    """Ways to bring messages to people outside the portal::

    def send(ctx, message):
        post(ctx.config.address, message.subject)

    @hookimpl
    def portal_notification_channels(ctx):
        return [NotificationChannel("chat", N_("群消息"), send)]
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
def portal_scheduled_jobs(ctx: PluginContext) -> Iterable[ScheduledJob]:
    """Work that the worker does by itself::

    def tidy(ctx):
        return f"{remove_old_files(ctx.data_dir)} files removed"

    @hookimpl
    def portal_scheduled_jobs(ctx):
        return [ScheduledJob("tidy", N_("清理旧文件"), tidy, at="03:30")]
    """
    return ()


@hookspec
def portal_health_checks(ctx: PluginContext) -> Iterable[HealthCheck]:
    """Things ``portal doctor`` looks at::

    def check(ctx):
        if not ctx.connectors_dir.is_dir():
            yield Problem("JS-4003", N_("没有 connectors 文件夹"), N_("运行 portal init"))

    @hookimpl
    def portal_health_checks(ctx):
        return [HealthCheck("folder", N_("连接器文件夹"), check)]
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


@hookspec
def portal_on_project_created(ctx: PluginContext, project: ProjectView) -> None:
    """A project was started from a template::

    @hookimpl
    def portal_on_project_created(ctx, project):
        ctx.log.info("%s: %s tasks", project.title, len(project.tasks))
    """


@hookspec
def portal_on_step_finished(ctx: PluginContext, step: StepView) -> None:
    """A step of a project has ended::

    @hookimpl
    def portal_on_step_finished(ctx, step):
        ctx.log.info("%s ended with %s", step.title, step.outcome)
    """


@hookspec
def portal_on_login(ctx: PluginContext, login: LoginView) -> None:
    """Somebody has signed in::

    @hookimpl
    def portal_on_login(ctx, login):
        ctx.log.info("%s came in by %s", login.name, login.provider or "password")
    """
