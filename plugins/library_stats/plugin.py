"""``portal x library-stats counts`` and ``… changes``."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from plugins.library_stats.daily import write_down
from plugins.library_stats.health import check
from plugins.library_stats.report import build
from portal.api import (
    N_,
    ArticleView,
    CliCommand,
    HealthCheck,
    PluginContext,
    PluginManifest,
    ReportBlock,
    ScheduledJob,
    hookimpl,
)

manifest = PluginManifest(
    name="library_stats",
    title=N_("内容统计"),
    summary=N_("命令行里看各栏目有多少篇、最近改了什么"),
    category="tool",
)

MAX_LOG_BYTES = 256 * 1024
"""The log of changes is cut to half when it grows beyond this."""


@hookimpl
def portal_cli_commands(ctx: PluginContext) -> list[CliCommand]:
    """Two commands."""

    @click.command("counts", help="各栏目已发布的篇数。")
    @click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
    def counts(as_json: bool) -> None:
        numbers = dict(ctx.library.counts())
        if as_json:
            click.echo(json.dumps(numbers, ensure_ascii=False))
            return
        for kind, number in numbers.items():
            click.echo(f"{number:>6}  {kind}")
        click.echo(f"{sum(numbers.values()):>6}  合计")

    @click.command("changes", help="最近的发布与撤回，新的在前。")
    @click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
    def changes(limit: int) -> None:
        path = ctx.data_dir / "changes.log"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for line in reversed(lines[-limit:]):
            click.echo(line)

    return [CliCommand(counts), CliCommand(changes)]


@hookimpl
def portal_scheduled_jobs(ctx: PluginContext) -> list[ScheduledJob]:
    """Today's counts, once a day."""
    return [ScheduledJob("daily_counts", N_("记下每天的篇数"), write_down, at="02:10")]


@hookimpl
def portal_report_blocks(ctx: PluginContext) -> list[ReportBlock]:
    """Articles of each kind."""
    return [ReportBlock("articles", N_("各栏目的文章"), build, order=10)]


@hookimpl
def portal_health_checks(ctx: PluginContext) -> list[HealthCheck]:
    """The folder the counts and the log go to."""
    return [HealthCheck("folder", N_("记录用的文件夹"), check)]


@hookimpl
def portal_on_content_changed(ctx: PluginContext, article: ArticleView) -> None:
    """Write one line: when, what, where."""
    path = ctx.data_dir / "changes.log"
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[len(lines) // 2 :]), encoding="utf-8")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    title = " ".join(article.title.split())
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{at} {'+' if article.published else '-'} {article.url} {title}\n")
