"""`portal x PLUGIN COMMAND`: the commands that plugins add."""

from __future__ import annotations

import sys
from typing import Any

import click

from portal.cli.context import portal_app


class PluginCommands(click.Group):
    """The commands of one plugin; one that raises is named, with the next step."""

    def __init__(self, plugin: str, commands: dict[str, click.Command], summary: str) -> None:
        super().__init__(plugin, commands=commands, help=summary)
        self.plugin = plugin

    def invoke(self, ctx: click.Context) -> Any:
        from portal.plugin_host.calls import explain_command

        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # a plugin's command may raise anything
            from portal.cli import show

            show(explain_command(self.plugin, error))
            sys.exit(1)


class Plugins(click.Group):
    """One sub-command for each plugin that adds some. The application stays open while it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._groups(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self._groups(ctx).get(cmd_name)

    def _groups(self, ctx: click.Context) -> dict[str, click.Command]:
        if "portal.x" not in ctx.meta:
            from portal.plugin_host import host
            from portal.plugin_host.states import Plugin

            ctx.with_resource(portal_app(check_database=False))
            groups: dict[str, click.Command] = {}
            for name, found in host().cli_commands().items():
                plugin: Plugin | None = host().plugin(name)
                commands = {one.item.name: one.item.command for one in found}
                typed = name.replace("_", "-")
                groups[typed] = PluginCommands(typed, commands, plugin.title if plugin else name)
            ctx.meta["portal.x"] = groups
        result: dict[str, click.Command] = ctx.meta["portal.x"]
        return result


@click.command("x", cls=Plugins)
def command() -> None:
    """运行插件提供的命令：portal x 插件名 命令。"""
