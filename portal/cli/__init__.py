"""The `portal` command. Subcommands are loaded when called, so that ``--help`` is quick."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from kb.problems import Problem, ProblemError
from portal.settings import SettingsError

COMMANDS = {
    # name: module below portal.cli (each defines a click command called `command`)
    "init": "init",
    "serve": "serve",
    "worker": "worker",
    "doctor": "doctor",
    "db": "db",
    "users": "users",
    "import": "import_",
    "sync": "sync",
    "search": "search",
    "reindex": "reindex",
    "lint": "lint",
    "plugins": "plugins",
    "jobs": "jobs",
    "x": "x",
}


class LazyGroup(click.Group):
    """A group that imports a subcommand's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"portal.cli.{COMMANDS[cmd_name]}").command
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jinshi-portal", prog_name="portal")
@click.option("--safe-mode", is_flag=True, help="不载入第三方插件（排查问题时用）")
def cli(safe_mode: bool) -> None:
    """金石学堂：企业内部的项目管理培训与知识门户。"""
    if safe_mode:
        os.environ["PORTAL_PLUGINS_SAFE_MODE"] = "true"


def show(problem: Problem) -> None:
    """Print a finding with its code and next step on standard error."""
    place = f"{problem.where}：" if problem.where else ""
    click.secho(f"[{problem.code}] {place}{problem.text()}", fg="red", err=True)
    click.echo(f"  → {problem.next_step()}", err=True)


def main() -> None:
    """Run the command; faults the portal knows are printed in words and exit with 2."""
    code: object = 0
    try:
        cli(prog_name="portal")
    except SystemExit as leaving:
        code = leaving.code
    except SettingsError as error:
        for problem in error.problems:
            show(problem)
        code = 2
    except ProblemError as error:
        show(error.problem)
        code = 2
    _leave(code)


def _leave(code: object) -> None:
    """End the process, also when a plugin has started threads that do not end."""
    owners = sys.modules.get("portal.plugin_host.owners")
    if owners is None or not owners.any_threads_started():
        sys.exit(code)  # type: ignore[arg-type]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))
