"""`portal jobs`: the scheduled jobs of plugins."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from portal.cli.context import portal_app


@click.group("jobs")
def command() -> None:
    """看插件的定时任务，或马上运行一个。"""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，给程序读。")
def list_(as_json: bool) -> None:
    """列出每个任务：多久一次、下一次、上一次怎样。"""
    from portal.db import utcnow
    from portal.jobs import service as jobs

    with portal_app() as app:
        zone = ZoneInfo(app.config["SETTINGS"].timezone)
        rows = [_row(page, zone) for page in jobs.pages(utcnow())]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        rhythm = f"每天 {row['at']}" if row["at"] else f"每 {row['every_minutes']} 分钟"
        click.echo(f"{row['plugin']} {row['job']}  {row['title']}（{rhythm}）")
        click.echo(f"    下一次 {row['next_at'] or '等后台进程启动'}")
        if row["state"]:
            said = row["error"] or row["result"]
            colour = "red" if row["state"] == "failed" else None
            click.secho(f"    上一次 {row['started_at']} {row['state']} {said}".rstrip(), fg=colour)


def _row(page: Any, zone: ZoneInfo) -> dict[str, Any]:
    def local(moment: datetime | None) -> str | None:
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None

    last = page.last
    return {
        "plugin": page.plugin,
        "job": page.job.name,
        "title": page.job.title,
        "at": page.job.at or None,
        "every_minutes": None if page.job.at else page.job.every_minutes,
        "next_at": local(page.next_at),
        "running": page.running,
        "state": last.state.value if last else None,
        "started_at": local(last.started_at) if last else None,
        "ended_at": local(last.ended_at) if last else None,
        "result": last.result if last else "",
        "error": last.error if last else "",
    }


@command.command("run")
@click.argument("plugin")
@click.argument("job")
def run(plugin: str, job: str) -> None:
    """马上运行插件 PLUGIN 的任务 JOB，不管到没到时间；失败时退出码是 1。"""
    from portal.db import utcnow
    from portal.jobs import service as jobs
    from portal.jobs.models import RunState

    with portal_app():
        done = jobs.run_at_once(plugin.replace("-", "_"), job, utcnow())
        state, result, error = done.state, done.result, done.error
    if state is RunState.FAILED:
        click.secho(error, fg="red", err=True)
        sys.exit(1)
    click.echo(result or "完成")
