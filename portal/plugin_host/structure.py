"""Are a plugin's tables as the plugin needs them? Nothing is migrated here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from kb.problems import N_, Problem, ProblemError
from portal import migrate
from portal.plugin_host.calls import Fault, attempt
from portal.plugin_host.manifest import PluginManifest
from portal.plugin_host.states import Plugin
from portal.plugin_host.tables import PluginTables, faults, metadata_in

NOT_CURRENT = "JS-1003"
"""The code of a problem that ``portal db upgrade`` solves."""


def problem_of(name: str, manifest: PluginManifest, module: ModuleType) -> Problem | None:
    """Why the plugin cannot run with the tables there are, or None. Never raises.

    JS-1003: its tables have to be made or brought up to date; other codes: its author's faults.
    """
    result = attempt(lambda: _problem_of(name, manifest, module))
    if not isinstance(result, Fault):
        return result
    if isinstance(result.error, ProblemError):
        return result.error.problem
    return _broken(name, result.text)


def tables_of(plugin: Plugin) -> PluginTables:
    """A loaded plugin's tables. Raises ProblemError JS-4001 when it has none, or faulty ones."""
    if plugin.module is None or plugin.manifest is None:
        raise ProblemError(
            Problem(
                "JS-4001",
                N_("插件 %(plugin)s 没有载入，它的数据表动不了"),
                N_("停用了就先启用；别的原因见 portal plugins list"),
                params={"plugin": plugin.name},
            )
        )
    tables = _tables(plugin.name, plugin.manifest, plugin.module)
    if tables is None:
        raise ProblemError(
            Problem(
                "JS-4001",
                N_("插件 %(plugin)s 没有自己的数据表"),
                N_("去掉 --plugin，或换一个有数据表的插件"),
                params={"plugin": plugin.name},
            )
        )
    return tables


def has_tables(plugin: Plugin) -> bool:
    """True for a plugin that is loaded, running or waiting, and has migrations."""
    return plugin.module is not None and bool(plugin.manifest and plugin.manifest.migrations)


@contextmanager
def plainly(tables: PluginTables | None) -> Iterator[None]:
    """Whatever a plugin's revisions raise inside becomes a ProblemError JS-4001."""
    try:
        yield
    except ProblemError:
        raise
    except (Exception, SystemExit) as error:  # a plugin's revisions may raise anything
        if tables is None:
            raise
        raise ProblemError(_broken(tables.plugin, Fault(error, "").text)) from error


def _problem_of(name: str, manifest: PluginManifest, module: ModuleType) -> Problem | None:
    tables = _tables(name, manifest, module)
    return migrate.state(tables) if tables is not None else None


def _tables(name: str, manifest: PluginManifest, module: ModuleType) -> PluginTables | None:
    """Raises ProblemError for tables without migrations, and the other way round."""
    found = metadata_in(name, module)
    if not found and not manifest.migrations:
        return None
    if len(found) != 1 or not manifest.migrations:
        raise ProblemError(
            Problem(
                "JS-4001",
                N_("插件 %(plugin)s 的数据表与 manifest 的 migrations 对不上"),
                N_(
                    '有数据表的插件：只写一次 plugin_tables("%(plugin)s")，'
                    '并在 manifest 里写 migrations="migrations"；没有的两样都不写'
                ),
                params={"plugin": name},
            )
        )
    wrong = next(faults(name, found[0]), None)
    if wrong is not None:
        raise ProblemError(wrong)
    assert module.__file__ is not None  # plugins come from files
    folder = Path(module.__file__).parent / manifest.migrations
    return PluginTables(name, found[0], folder)


def _broken(name: str, error: str) -> Problem:
    return Problem(
        "JS-4001",
        N_("插件 %(plugin)s 的迁移文件或数据表出错：%(error)s"),
        N_("把这一行发给插件作者；数据库没有改动，暂时不用就停用它"),
        params={"plugin": name, "error": error},
    )
