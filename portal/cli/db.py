"""`portal db`: the structure of the database."""

from __future__ import annotations

import click

from portal import migrate
from portal.cli.context import portal_app


@click.group()
def command() -> None:
    """数据库结构。"""


@command.command()
def upgrade() -> None:
    """把数据库升级到本程序的结构。"""
    with portal_app(check_database=False):
        before = migrate.found()
        migrate.upgrade()
        after = migrate.found()
    click.echo(f"数据库结构：{before or '空'} → {after}" if before != after else "已经是最新结构")
