"""`portal lint`: check a folder of Markdown before it is imported or committed."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """检查 PATH 里的文章：失效链接、缺标题、缺图片。有错误时退出码为 1。"""
    from kb.lint import lint_tree

    if not path.exists():
        click.echo(f"没有这个文件或文件夹：{path}", err=True)
        sys.exit(2)
    problems = lint_tree(path)
    for problem in problems:
        color = "red" if problem.severity == "error" else "yellow"
        click.secho(f"{problem.where}: [{problem.code}] {problem.text()}", fg=color)
        click.echo(f"  → {problem.next_step()}")
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"{errors} 处错误，{len(problems) - errors} 处提醒")
    sys.exit(1 if errors else 0)
