"""`portal sync`: articles that are kept elsewhere, from the plugins' content sources."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from portal.cli.context import portal_app
from portal.cli.import_ import tell
from portal.cli.progress import bar

if TYPE_CHECKING:
    from portal.importing.service import Synced


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="把报告写成 JSON")
def command(name: str | None, as_json: bool) -> None:
    """从插件的内容来源取文章：全部来源，或名为 NAME 的一个。

    已经取过的文章有变化就成为新的一版；来源里没有了的只列出，不删除。

    退出码：0 全部导入；1 有的没有导入；2 不能开始。
    """
    from portal.importing import service
    from portal.search import service as search

    with portal_app():
        with bar("取文章") as progress:
            done = service.sync(name, progress)
        search.catch_up()
        if as_json:
            shown = [_as_json(one) for one in done]
            click.echo(json.dumps({"sources": shown}, ensure_ascii=False, indent=2))
        else:
            _tell(done)
    sys.exit(_exit_code(done))


def _exit_code(done: list[Synced]) -> int:
    """2 only when none could begin."""
    codes = [one.exit_code for one in done]
    if codes and min(codes) == 2:
        return 2
    return 1 if any(codes) else 0


def _tell(done: list[Synced]) -> None:
    from portal.i18n import translate

    if not done:
        click.echo("还没有内容来源。插件 folder_source 可以从文件夹取：见 plugins/folder_source")
    for one in done:
        click.secho(f"{translate(one.source.title)}（{one.source.name}）", bold=True)
        if one.problem is not None:
            click.secho(f"[{one.problem.code}] {one.problem.text()}", fg="red")
            click.echo(f"  → {one.problem.next_step()}")
        elif one.report is not None:
            tell(one.report)


def _as_json(one: Synced) -> dict[str, Any]:
    found: dict[str, Any] = {"plugin": one.plugin, "name": one.source.name}
    if one.problem is not None:
        problem = one.problem
        found["problem"] = {
            "code": problem.code,
            "message": problem.text(),
            "remedy": problem.next_step(),
        }
    if one.report is not None:
        found["report"] = one.report.as_json()
    return found
