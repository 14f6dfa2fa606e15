"""`portal plugins`: how each plugin stands."""

from __future__ import annotations

import json
import sys

import click

from kb.problems import N_, Problem, ProblemError
from portal.cli import plugins_check, plugins_new, plugins_purge, show
from portal.cli.context import portal_app

COLOURS = {"active": "green", "disabled": None, "degraded": "yellow"}


@click.group("plugins")
def command() -> None:
    """看插件的状态，启用、停用，写新的。"""


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
        colour = COLOURS.get(row["state"], "red")
        click.secho(f"{row['state_label']}  ", fg=colour, nl=False)
        click.echo(f"{row['name']} {row['version']}  {row['title']}（{row['source_label']}）")
        if row["reason"]:
            click.echo(f"    [{row['code']}] {row['reason']}")
            click.echo(f"    → {row['next_step']}")


@command.command()
@click.argument("name")
def enable(name: str) -> None:
    """启用插件 NAME：所有进程马上生效，不用重启。"""
    _switch(name, True)


@command.command()
@click.argument("name")
def disable(name: str) -> None:
    """停用插件 NAME：所有进程马上生效，不用重启。"""
    _switch(name, False)


def _switch(name: str, enabled: bool) -> None:
    from portal.plugin_host import host, settings_page

    with portal_app(lenient=True):
        plugin = host().plugin(name)
        if plugin is None:
            raise ProblemError(
                Problem(
                    "JS-4001",
                    N_("没有名为 %(name)s 的插件"),
                    N_("用 portal plugins list 看看都有哪些"),
                    params={"name": name},
                )
            )
        settings_page.switch(None, plugin, enabled)
        host().reload(collect=True)
        now = host().plugin(name)
        assert now is not None
        click.echo(f"{name}：{now.state_label}")
        if enabled and not now.running and now.problem is not None:
            show(now.problem)
            sys.exit(1)


command.add_command(plugins_new.command)
command.add_command(plugins_check.command)
command.add_command(plugins_purge.command)
