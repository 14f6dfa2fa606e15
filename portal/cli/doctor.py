"""`portal doctor`: is everything all right, and if not, what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import select

from kb.problems import N_, Problem, ProblemError
from portal import migrate
from portal.cli.context import portal_app
from portal.settings import Settings

if TYPE_CHECKING:
    from portal.plugin_host.collecting import Collected

LOW_DISK = 200 * 1024 * 1024
PLUGIN_SECONDS = 10.0
"""What one check of a plugin may take."""


@click.command()
@click.option("--fix", is_flag=True, help="把索引与数据库的出入修好")
def command(fix: bool) -> None:
    """检查设置、数据库、索引、文件和插件；有问题时退出码为 1。"""
    findings: list[Problem] = []
    # A SettingsError ends here and is printed by the command group, each with its remedy.
    with portal_app(check_database=False) as app:
        settings: Settings = app.config["SETTINGS"]
        for title, check in CHECKS:
            try:
                found = list(check(settings, fix))
            except ProblemError as error:
                found = [error.problem]
            findings += found
            click.echo(f"{'✗' if found else '✓'} {title}")
            for problem in found:
                click.secho(f"    [{problem.code}] {problem.where} {problem.text()}", fg="red")
                click.echo(f"      → {problem.next_step()}")
            if found and title == "数据库":
                break
    click.echo(f"{len(findings)} 个问题" if findings else "一切正常")
    sys.exit(1 if findings else 0)


def check_home(settings: Settings, _fix: bool) -> Iterator[Problem]:
    """The home can be written to, is not full, and its secrets are the owner's alone."""
    if not settings.home.is_dir():
        yield Problem(
            "JS-1003",
            N_("门户的文件夹还没有建立：%(home)s"),
            N_("运行 portal init"),
            params={"home": settings.home},
        )
        return
    if not os.access(settings.home, os.W_OK):
        yield Problem(
            "JS-1002",
            N_("不能写入 %(home)s"),
            N_("把这个文件夹的写权限给运行门户的用户"),
            params={"home": settings.home},
        )
    free = shutil.disk_usage(settings.home).free
    if free < LOW_DISK:
        yield Problem(
            "JS-1002",
            N_("磁盘只剩 %(free)s MB"),
            N_("清理磁盘，或把 PORTAL_HOME 搬到更大的盘上"),
            params={"free": free // 1024 // 1024},
        )
    key = settings.secrets_dir / "secret_key"
    if key.exists() and key.stat().st_mode & 0o077:
        yield Problem(
            "JS-1005",
            N_("密钥文件别人也能读：%(path)s"),
            N_("运行 chmod 600 %(path)s"),
            params={"path": key},
        )


def check_database(_settings: Settings, _fix: bool) -> Iterator[Problem]:
    """The database answers and has this program's structure."""
    problem = migrate.state()
    if problem is not None:
        yield problem


def check_index(_settings: Settings, fix: bool) -> Iterator[Problem]:
    """The index can be read and says the same as the database."""
    from kb.search.model import IndexUnavailable
    from portal.search import service as search

    try:
        missing, surplus = search.drift()
    except IndexUnavailable as error:
        if fix:
            search.rebuild()
            return
        yield Problem(
            "JS-1004",
            N_("搜索索引读不了：%(error)s"),
            N_("运行 portal reindex"),
            params={"error": error},
        )
        return
    if fix and (missing or surplus):
        search.mend(missing | surplus)
        search.catch_up()
    elif missing or surplus:
        yield Problem(
            "JS-1004",
            N_("索引与数据库有出入：缺或旧 %(missing)s 篇，多出 %(surplus)s 篇"),
            N_("运行 portal doctor --fix"),
            params={"missing": len(missing), "surplus": len(surplus)},
        )


def check_media(settings: Settings, _fix: bool) -> Iterator[Problem]:
    """Every medium in the database has its file."""
    from portal.db import db
    from portal.library import service as library
    from portal.library.models import Media

    for medium in db.session.scalars(select(Media)):
        path: Path = library.media_path(medium)
        if not path.is_file() or path.stat().st_size != medium.size:
            yield Problem(
                "JS-2005",
                N_("文件不见了或不完整：%(name)s"),
                N_("从备份恢复 media 文件夹，或在编辑页重新上传"),
                where=str(path.relative_to(settings.home)),
                params={"name": medium.name},
            )


def check_plugins(_settings: Settings, _fix: bool) -> Iterator[Problem]:
    """Every plugin that is switched on works."""
    from portal import plugin_host

    for status in plugin_host.host().report():
        if status.problem is not None and status.state.value != "disabled":
            yield Problem(
                status.problem.code,
                status.problem.message,
                status.problem.remedy,
                status.name,
                "error",
                status.problem.params,
            )


def check_plugin_health(_settings: Settings, _fix: bool) -> Iterator[Problem]:
    """What the plugins themselves find, each check apart from the others."""
    from portal.plugin_host import host

    for one in host().collected("portal_health_checks"):
        for problem in _plugin_check(one):
            places = (one.plugin, one.item.title, problem.where)
            yield replace(problem, where=" · ".join(place for place in places if place))


def _plugin_check(one: Collected) -> tuple[Problem, ...]:
    """What a plugin's check found; that it failed is a finding as well."""
    from portal.plugin_host import host
    from portal.plugin_host.calls import Fault, Slow, explain

    where = f"health check {one.item.name}"
    found = host().call(
        one.plugin, where, lambda ctx: _problems(one.item.check(ctx)), PLUGIN_SECONDS
    )
    if not isinstance(found, Fault):
        return found
    if isinstance(found.error, Slow):
        return (
            Problem(
                "JS-4001",
                N_("检查在 %(seconds)s 秒内没有做完"),
                N_("看看它要找的系统是不是断了或太慢；一直这样，请告诉插件作者"),
                params={"seconds": round(PLUGIN_SECONDS)},
            ),
        )
    return (explain(one.plugin, where, found),)


def _problems(found: object) -> tuple[Problem, ...]:
    """What a check gave, if it is findings that can be printed. Raises TypeError and the like."""
    if not isinstance(found, Iterable) or isinstance(found, str | bytes | Mapping):
        raise TypeError(f"check returned {type(found).__name__}, not Problems")
    problems = tuple(found)
    for problem in problems:
        if not isinstance(problem, Problem):
            raise TypeError(f"check gave {type(problem).__name__}, not Problem")
        # Placeholders without a value come out here, inside the plugin's own call.
        str(problem)
    return problems


CHECKS: tuple[tuple[str, Callable[[Settings, bool], Iterator[Problem]]], ...] = (
    ("文件夹与密钥", check_home),
    ("数据库", check_database),
    ("搜索索引", check_index),
    ("图片与附件", check_media),
    ("插件", check_plugins),
    ("插件自己的检查", check_plugin_health),
)
