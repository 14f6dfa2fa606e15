"""`portal db`: the structure of the database, the portal's and that of plugins' own tables."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from kb.problems import N_, Problem, ProblemError
from portal import migrate
from portal.cli.context import portal_app

if TYPE_CHECKING:
    from portal.plugin_host.tables import PluginTables

PLUGIN = "只管插件 NAME 自己的数据表"


def _for_plugin(*, required: bool = False) -> Callable[[Any], Any]:
    return click.option("--plugin", metavar="NAME", required=required, help=PLUGIN)


@click.group()
def command() -> None:
    """数据库结构。"""


@command.command()
@_for_plugin()
def upgrade(plugin: str | None) -> None:
    """把数据库升级到本程序的结构，再升级各插件的数据表。"""
    from portal.plugin_host import host, structure

    with portal_app(check_database=False, lenient=True):
        if plugin is not None:
            migrate.require_current()
            _upgrade(_tables(plugin))
            return
        _upgrade(None)
        failed = False
        for one in host().plugins:
            if not structure.has_tables(one):
                continue
            try:
                _upgrade(structure.tables_of(one))
            except ProblemError as error:
                # The other plugins' tables do not wait for this one's author.
                _show(error)
                failed = True
        if failed:
            sys.exit(2)


@command.command()
@_for_plugin()
def check(plugin: str | None) -> None:
    """模型与数据库是否一致；不一致时逐条列出，退出码为 1。"""
    from portal.plugin_host import structure

    with portal_app(check_database=False, lenient=True):
        tables = _tables(plugin) if plugin is not None else None
        try:
            with structure.plainly(tables):
                found = migrate.differences(tables)
        except ProblemError as error:
            _show(error)
            sys.exit(1)
    for line in found:
        click.echo(f"不一致：{line}")
    click.echo("模型与数据库不一致，缺一个迁移文件" if found else "模型与数据库一致")
    sys.exit(1 if found else 0)


@command.command(context_settings={"ignore_unknown_options": True})  # -1 is a revision
@click.argument("revision")
@_for_plugin()
@click.option("--yes", is_flag=True, help="不再询问")
def downgrade(revision: str, plugin: str | None, yes: bool) -> None:
    """把结构退回版本 REVISION（base：全部退掉）。去掉的表和列里的数据也没有了。"""
    from portal.plugin_host import store, structure

    with portal_app(check_database=False, lenient=True):
        tables = _tables(plugin) if plugin is not None else None
        what = f"插件 {plugin} 的数据表" if plugin is not None else "整个门户的数据库结构"
        if not yes:
            click.confirm(f"{what}退到 {revision}，其中的数据会丢失。备份好了吗？", abort=True)
        before = migrate.found(tables)
        with structure.plainly(tables):
            migrate.downgrade(revision, tables)
        if tables is not None:
            store.changed()
        click.echo(f"{_named(tables)}：{before or '空'} → {migrate.found(tables) or '空'}")


@command.command()
@_for_plugin(required=True)
@click.option("-m", "--message", required=True, help="这次改了什么")
def revision(plugin: str, message: str) -> None:
    """给插件作者：按模型写出插件的下一个迁移文件。"""
    from portal.plugin_host import structure

    with portal_app(check_database=True, lenient=True):
        tables = _tables(plugin)
        with structure.plainly(tables):
            if not migrate.differences(tables):
                click.echo("模型与数据库一致，没有要写的")
                return
            path = migrate.new_revision(tables, message)
    click.echo(f"写好了：{path}")
    click.echo(f"看过、改好以后运行 portal db upgrade --plugin {plugin}")


def _tables(name: str) -> PluginTables:
    """Raises ProblemError JS-4001 for a plugin that is unknown, not loaded or without tables."""
    from portal.plugin_host import host, structure

    plugin = host().plugin(name)
    if plugin is None:
        message, remedy = N_("没有名为 %(plugin)s 的插件"), N_("用 portal plugins list 看有哪些")
        raise ProblemError(Problem("JS-4001", message, remedy, params={"plugin": name}))
    return structure.tables_of(plugin)


def _upgrade(tables: PluginTables | None) -> None:
    from portal.plugin_host import store, structure

    with structure.plainly(tables):
        before = migrate.found(tables)
        if tables is not None and migrate.wanted(tables) is None:
            migrate.require_current(tables)
        migrate.upgrade(tables)
        after = migrate.found(tables)
    if tables is not None and before != after:
        store.changed()
    news = f"{before or '空'} → {after}" if before != after else "已经是最新结构"
    click.echo(f"{_named(tables)}：{news}")


def _named(tables: PluginTables | None) -> str:
    return f"插件 {tables.plugin} 的数据表" if tables else "数据库结构"


def _show(error: ProblemError) -> None:
    from portal.cli import show

    show(error.problem)
