"""`portal plugins purge`: what a plugin has left behind goes."""

from __future__ import annotations

import click

from portal.cli.context import portal_app


@click.command("purge")
@click.argument("name")
@click.option("--yes", is_flag=True, help="不再询问")
def command(name: str, yes: bool) -> None:
    """清除停用或已卸载的插件 NAME 的数据表、设置和文件夹。先列出，再询问。"""
    from portal.plugin_host import purge

    with portal_app(lenient=True):
        found = purge.remains(name)
        if found.nothing:
            click.echo(f"插件 {name} 没有留下任何东西")
            return
        click.echo(f"插件 {name} 的这些东西会被清除，不能恢复：")
        for table, rows in found.tables:
            click.echo(f"  数据表 {table}（{rows} 行）")
        if found.version_table:
            click.echo("  数据表的版本记录")
        if found.settings:
            click.echo("  在门户里存的设置")
        if found.folder is not None:
            click.echo(f"  文件夹 {found.folder}")
        if not yes:
            click.confirm("清除吗？", abort=True)
        purge.purge(None, name)
        click.echo(f"插件 {name} 已清除")
