"""`portal plugins`: how each plugin stands."""

from __future__ import annotations

import json

import click

from portal.cli import plugins_check, plugins_new, plugins_purge
from portal.cli.context import portal_app

COLOURS = {"active": "green", "disabled": None, "degraded": "yellow"}


@click.group("plugins")
def command() -> None:
    """看插件的状态。"""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，给程序读。")
def list_(as_json: bool) -> None:
    """列出每个插件：状态、版本、原因和下一步。没有数据库也能列。"""
    from portal.plugin_host import host
    from portal.plugin_host.report import rows

    with portal_app(check_database=False):
        found = rows(host())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for row in found:
        colour = {"active": "green", "disabled": None, "degraded": "yellow"}.get(
            row["state"], "red"
        )
        click.secho(f"{row['state_label']}  ", fg=colour, nl=False)
        click.echo(f"{row['name']} {row['version']}  {row['title']}（{row['source_label']}）")
        if row["reason"]:
            click.echo(f"    [{row['code']}] {row['reason']}")
            click.echo(f"    → {row['next_step']}")


command.add_command(plugins_new.command)
command.add_command(plugins_check.command)
command.add_command(plugins_purge.command)
