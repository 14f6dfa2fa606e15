"""`portal plugins check`: a plugin looked over before it is installed."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click

from kb.problems import N_, Problem, ProblemError


@click.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="一份 TOML，写插件的设置，同 portal.toml 里 [plugins.NAME] 的内容。",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，给程序读。")
def command(path: Path, config_file: Path | None, as_json: bool) -> None:
    """检查 PATH 里的插件（一个 .py 文件，或插件文件夹）；有问题时退出码为 1。

    插件在一个临时的门户里载入；你的门户和数据库不会被碰到。
    """
    from portal.scaffold.checking import check

    config = _settings(config_file) if config_file else {}
    # Standard output belongs to the findings, whatever the plugin prints.
    with redirect_stdout(io.StringIO()):
        checked = check(path, config)
    errors, advice = len(checked.errors), len(checked.advice)
    if as_json:
        found = [_plain(one) for one in checked.findings]
        answer = {"plugin": checked.name, "errors": errors, "advice": advice, "findings": found}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for one in checked.findings:
            _show(one)
        click.echo(f"{errors} 个问题，{advice} 条建议" if checked.findings else "没有发现问题")
    sys.exit(1 if errors else 0)


def _settings(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message, remedy = N_("读不懂 %(path)s：%(error)s"), N_("按 TOML 语法改正它")
        params = {"path": path, "error": error}
        raise ProblemError(Problem("JS-1005", message, remedy, params=params)) from error


def _plain(problem: Problem) -> dict[str, str]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "where": problem.where,
        "message": problem.text(),
        "next_step": problem.next_step(),
    }


def _show(problem: Problem) -> None:
    error = problem.severity == "error"
    place = f"{problem.where}：" if problem.where else ""
    label = "问题" if error else "建议"
    click.secho(f"{label} [{problem.code}] ", fg="red" if error else "yellow", nl=False)
    click.echo(f"{place}{problem.text()}")
    click.echo(f"    → {problem.next_step()}")
