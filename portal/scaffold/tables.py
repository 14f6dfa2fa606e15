"""A plugin's tables: made, compared with its models, taken away, made again."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import inspect

from kb.problems import N_, Problem, ProblemError
from portal import migrate
from portal.db import db
from portal.plugin_host.calls import Fault, attempt
from portal.plugin_host.states import Plugin
from portal.plugin_host.structure import has_tables, tables_of
from portal.plugin_host.tables import prefix


def walk(plugin: Plugin) -> tuple[Problem, ...]:
    """What is wrong with its migrations. Its tables are there afterwards, and empty."""
    if not has_tables(plugin):
        return ()
    try:
        tables = tables_of(plugin)
    except ProblemError as error:
        return (error.problem,)
    found: list[Problem] = []
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("upgrade", lambda: migrate.upgrade(tables)),
        ("check", lambda: found.extend(_differing(migrate.differences(tables)))),
        ("downgrade", lambda: migrate.downgrade("base", tables)),
        ("check", lambda: found.extend(_left_behind(plugin.name))),
        ("upgrade", lambda: migrate.upgrade(tables)),
    )
    for name, work in steps:
        result = attempt(work)
        if isinstance(result, Fault):
            return (*found, _failed(name, result))
    return tuple(found)


def bring_up(plugins: tuple[Plugin, ...]) -> bool:
    """Make the tables of these plugins; True when there were any. Raises what a migration does."""
    owners = [plugin for plugin in plugins if has_tables(plugin)]
    for plugin in owners:
        migrate.upgrade(tables_of(plugin))
    return bool(owners)


def _differing(differences: tuple[str, ...]) -> list[Problem]:
    message = N_("迁移做出的表与模型不一样：%(difference)s")
    remedy = N_("改迁移文件，或运行 portal db revision --plugin NAME 写下一步迁移")
    return [
        Problem("JS-4001", message, remedy, "migrations", params={"difference": one})
        for one in differences
    ]


def _left_behind(name: str) -> list[Problem]:
    tables = [one for one in inspect(db.engine).get_table_names() if one.startswith(prefix(name))]
    message = N_("退回去之后还剩下表：%(tables)s")
    remedy = N_("在迁移文件的 downgrade 里删掉它们")
    params = {"tables": "、".join(tables)}
    return [Problem("JS-4001", message, remedy, "migrations", params=params)] if tables else []


def _failed(step: str, fault: Fault) -> Problem:
    if isinstance(fault.error, ProblemError):
        return fault.error.problem
    return Problem(
        "JS-4001",
        N_("迁移在 %(step)s 出错：%(error)s"),
        N_("改正 migrations 里的文件，再检查一次"),
        "migrations",
        params={"step": step, "error": fault.text},
    )
