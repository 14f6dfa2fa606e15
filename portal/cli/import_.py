"""`portal import`: Markdown files, folders and zips into the library."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.cli.context import portal_app
from portal.cli.progress import bar

if TYPE_CHECKING:
    from portal.importing.service import Report

SHOWN = 40


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--kind", help="文章类别：faq、tutorial、manual、troubleshooting、case…")
@click.option("--space", help="放进哪个空间（代号）；不写就放进公共空间")
@click.option("--publish", is_flag=True, help="直接发布；不写就存为草稿")
@click.option("--importer", help="用哪个插件的导入器（名称）；不写就按文件的后缀选")
@click.option("--json", "as_json", is_flag=True, help="把报告写成 JSON")
def command(
    path: Path,
    kind: str | None,
    space: str | None,
    publish: bool,
    importer: str | None,
    as_json: bool,
) -> None:
    """导入 PATH：一个 Markdown 文件、一个文件夹或一个 zip。

    别的格式由插件的导入器先转换成 Markdown，例如 import_table 读 CSV 问答表。

    退出码：0 全部导入；1 有的没有导入；2 不能开始。
    """
    from portal.importing import service
    from portal.search import service as search

    with portal_app():
        with bar("导入") as progress:
            report = service.import_path(
                path,
                kind=kind,
                space=space,
                publish=publish,
                importer=importer,
                progress=progress,
            )
        search.catch_up()
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        tell(report)
    sys.exit(report.exit_code)


def tell(report: Report) -> None:
    """Print what an import did, for people."""
    for problem in report.problems[:SHOWN]:
        color = "red" if problem.severity == "error" else "yellow"
        click.secho(f"{problem.where}: [{problem.code}] {problem.text()}", fg=color)
        click.echo(f"  → {problem.next_step()}")
    if len(report.problems) > SHOWN:
        click.echo(f"还有 {len(report.problems) - SHOWN} 条，用 --json 看全部")
    click.echo(report.summary())
