"""Why a step cannot go on, in words; and how that is kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.problems import N_, Problem, ProblemError
from portal.plugin_host.calls import Fault, explain

INTERRUPTED = Problem(
    "JS-6002",
    N_("上一次做到一半就中断了，这一步做两遍会有害处，所以没有自动再做"),
    N_("先弄清上次做成了没有；没做成就点「再试一次」，做成了就撤掉这一步"),
)


def refuse(message: str, remedy: str, where: str = "", **params: object) -> ProblemError:
    """JS-6002: something about a step that cannot be done like this."""
    return ProblemError(Problem("JS-6002", message, remedy, where, params=params))


def no_kind(kind: str) -> Problem:
    """JS-6002: no running plugin gives this kind of step."""
    return Problem(
        "JS-6002",
        N_("没有安装步骤种类 %(kind)s"),
        N_("到插件页启用提供它的插件；启用后这一步会自己接着走"),
        params={"kind": kind},
    )


def config_outdated(kind: str, wrong: Problem) -> Problem:
    """JS-6002: the kind's settings are no longer what they were when the step was added."""
    return Problem(
        "JS-6002",
        N_("步骤种类 %(kind)s 现在要的设置不同了：%(field)s %(wrong)s"),
        N_("撤掉这一步，照现在的设置重新加"),
        params={"kind": kind, "field": wrong.where, "wrong": wrong.text()},
    )


def of(plugin: str, kind: str, fault: Fault, seconds: float) -> Problem:
    """Why entering a step did not work."""
    # Without a traceback it is the host that stopped waiting, not a timeout inside the plugin.
    if isinstance(fault.error, TimeoutError) and not fault.traceback:
        return Problem(
            "JS-4001",
            N_("步骤 %(kind)s 在 %(seconds)s 秒内没有做完"),
            N_("看看它要找的系统是不是太慢、断开了，再试一次"),
            params={"kind": kind, "seconds": round(seconds)},
        )
    return explain(plugin, f"step {kind}", fault)


def pack(problem: Problem) -> dict[str, Any]:
    """Plain JSON values, so that it can be shown in whatever language later."""
    return {
        "code": problem.code,
        "message": clean(problem.message),
        "remedy": clean(problem.remedy),
        "where": clean(problem.where),
        "params": {
            key: value if isinstance(value, int | float) else clean(str(value))
            for key, value in problem.params.items()
        },
    }


def unpack(data: Mapping[str, Any]) -> Problem | None:
    """The Problem kept in `data`; None when there is none."""
    return Problem(**data) if data else None


def clean(text: str) -> str:
    """Without NUL, which PostgreSQL cannot keep."""
    return text.replace("\x00", "")
