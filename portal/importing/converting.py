"""Files that are not Markdown: the plugins' importers make Markdown of them first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.importers.resolve import PAGE_SUFFIXES
from kb.problems import N_, Problem, ProblemError
from portal.contributions import Importer
from portal.i18n import translate
from portal.plugin_host import host
from portal.plugin_host.calls import Fault
from portal.plugin_host.context import PluginContext

HOOK = "portal_importers"

CONVERT_SECONDS = 300.0
"""How long an importer may take for one file."""

OURS = (*PAGE_SUFFIXES, ".zip", ".txt", "")
"""Endings of files that need no importer."""


@dataclass(frozen=True)
class Chosen:
    """An importer and the plugin it came from."""

    plugin: str
    item: Importer


def importer_for(path: Path, name: str | None) -> Chosen | None:
    """The importer called `name`, else the one for the file's ending; None: it needs none.

    Raises ProblemError JS-2007 when there is no such importer, or nobody reads such files.
    """
    every = [Chosen(one.plugin, one.item) for one in host().collected(HOOK)]
    if name is not None:
        found = next((one for one in every if one.item.name == name), None)
        if found is None:
            raise ProblemError(
                Problem(
                    "JS-2007",
                    N_("没有名为 %(name)s 的导入器"),
                    N_("--importer 用其中之一：%(known)s；插件停用时它的导入器不会出现"),
                    params={"name": name, "known": _listed(every)},
                )
            )
        return found
    if path.is_dir() or path.suffix.lower() in OURS:
        return None
    fitting = [
        (len(suffix), one)
        for one in every
        for suffix in one.item.suffixes
        if path.name.lower().endswith(suffix)
    ]
    if not fitting:
        raise ProblemError(
            Problem(
                "JS-2007",
                N_("不认识 %(suffix)s 文件"),
                N_(
                    "先另存为 Markdown；能直接导入的有 Markdown、zip，"
                    "以及插件的导入器：%(known)s。格式其实相符就用 --importer 指定"
                ),
                path.name,
                params={"suffix": path.suffix, "known": _listed(every)},
            )
        )
    # The longest ending knows most; of equals the first plugin counts.
    return max(fitting, key=lambda pair: pair[0])[1]


@contextmanager
def converted(chosen: Chosen, path: Path) -> Iterator[tuple[Path, list[Problem]]]:
    """The folder that the importer has filled, for as long as the ``with`` lasts, and its findings.

    Raises ProblemError JS-2007 when the importer fails, hangs or gives something else.
    """
    with tempfile.TemporaryDirectory(prefix="import-", ignore_cleanup_errors=True) as temporary:
        # Named after the file, because a page at the top takes its address from there.
        into = Path(temporary) / (path.stem or "import")
        into.mkdir()
        yield into, _convert(chosen, path.resolve(), into)


def _convert(chosen: Chosen, path: Path, into: Path) -> list[Problem]:
    def work(ctx: PluginContext) -> list[Problem]:
        found: object = chosen.item.convert(ctx, path, into)
        if not isinstance(found, Iterable) or isinstance(found, str | bytes):
            raise TypeError(f"convert returned {type(found).__name__}, not a list of Problem")
        # Inside the guard, because a generator does its work here.
        problems = list(found)
        for problem in problems:
            if not isinstance(problem, Problem):
                raise TypeError(f"convert gave a {type(problem).__name__}, not a Problem")
            # Whether message and values go together.
            str(problem)
        return problems

    where = f"importer {chosen.item.name}"
    result = host().call(chosen.plugin, where, work, CONVERT_SECONDS)
    if isinstance(result, Fault):
        raise ProblemError(_explain(chosen, path, result))
    return result


def nothing_came(chosen: Chosen, path: Path) -> ProblemError:
    """The error for an importer that gave neither a page nor a reason."""
    return ProblemError(
        Problem(
            "JS-2007",
            N_("插件 %(plugin)s 的导入器 %(name)s 没有从文件里转换出文章"),
            N_("看看文件里有没有内容；有的话，把文件和插件名告诉插件作者"),
            path.name,
            params={"plugin": chosen.plugin, "name": chosen.item.name},
        )
    )


def _explain(chosen: Chosen, path: Path, fault: Fault) -> Problem:
    if isinstance(fault.error, ProblemError):
        return fault.error.problem
    params = {
        "plugin": chosen.plugin,
        "name": chosen.item.name,
        "seconds": round(CONVERT_SECONDS),
        "error": fault.text,
    }
    if isinstance(fault.error, TimeoutError):
        message = N_(
            "插件 %(plugin)s 的导入器 %(name)s 过了 %(seconds)s 秒还没做完，什么也没有导入"
        )
        remedy = N_("把文件分成几份再试；总是这样，就把文件和插件名告诉插件作者")
    else:
        message = N_("插件 %(plugin)s 的导入器 %(name)s 出错，什么也没有导入：%(error)s")
        remedy = N_("把 /admin/plugins 里的完整报错和这个文件发给插件作者；急用就先另存为 Markdown")
    return Problem("JS-2007", message, remedy, path.name, params=params)


def _listed(every: Iterable[Chosen]) -> str:
    shown = [
        f"{one.item.name}（{translate(one.item.title)}，{' '.join(one.item.suffixes)}）"
        for one in every
    ]
    return "、".join(shown) or "—"
