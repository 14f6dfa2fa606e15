"""`portal plugins new`: the files of a new plugin."""

from __future__ import annotations

from pathlib import Path

import click

from portal.scaffold.making import KINDS, Wanted, make


@click.command("new")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="blank",
    show_default=True,
    help="例子是哪一种：项目模板、流程步骤、连接器、文章类型、首页卡片、空白。",
)
@click.option("--with-model", is_flag=True, help="带一张自己的数据表、迁移和列出它的页面。")
@click.option("--title", default="", help="插件的中文名称。")
def command(name: str, kind: str, with_model: bool, title: str) -> None:
    """在当前文件夹里新建插件 NAME：带能用的例子、测试和说明。不联网，不碰数据库。"""
    folder = make(Wanted(name, kind, title, with_model), Path.cwd())
    click.echo(f"建好了 {folder.name}/ 。接下来：")
    for line in (
        f"cd {folder.name}",
        'python -m pip install -e ".[test]"',
        "python -m pytest",
        "portal plugins check .",
    ):
        click.echo(f"  {line}")
