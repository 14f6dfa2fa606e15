"""Calling somebody else's code so that whatever it does is a value, not an accident."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kb.markup.patience import OverBudget
from kb.problems import N_, Problem, ProblemError

log = logging.getLogger("portal.plugins")

T = TypeVar("T")

MAX_TRACEBACK = 8_000
MAX_ERROR = 300


class Slow(TimeoutError):
    """Nobody waits any more: it took longer than `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"took longer than {seconds * 1000:.0f} ms")
        self.seconds = seconds


@dataclass(frozen=True)
class Fault:
    """A call that raised."""

    error: BaseException
    traceback: str

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        """The Fault of an error that is being handled."""
        return cls(error, traceback.format_exc()[-MAX_TRACEBACK:])

    @property
    def text(self) -> str:
        """The error in one line."""
        if isinstance(self.error, SystemExit):
            return f"sys.exit({self.error.code!r})"
        try:
            words = str(self.error).strip()
        except Exception:  # an exception whose __str__ raises is still only a plugin's fault
            words = ""
        first = words.splitlines()[0] if words else ""
        name = type(self.error).__name__
        return (f"{name}: {first}" if first else name)[:MAX_ERROR]


def in_words(fault: Fault) -> str:
    """What went wrong in one line, for administrators: a Problem with its next step."""
    if isinstance(fault.error, ProblemError):
        problem = fault.error.problem
        return f"{problem.text()} → {problem.next_step()}"
    if isinstance(fault.error, Slow):
        return N_("没有在限定的时间内做完")
    return fault.text


def attempt(work: Callable[[], T]) -> T | Fault:
    """The result of `work`, or the Fault.

    Every Exception is caught, because nothing is known of the code; SystemExit too, because
    ``sys.exit`` in a plugin must not end the portal. KeyboardInterrupt is the operator's.
    """
    try:
        return work()
    except (Exception, SystemExit) as error:
        return Fault.of(error)


def attempt_anything(work: Callable[[], T]) -> T | Fault:
    """Like `attempt`, for threads that run nothing but plugins' code: there not even
    KeyboardInterrupt is the operator's, whose Ctrl-C comes to the main thread.
    """
    try:
        return attempt(work)
    except BaseException as error:  # whatever it is, it is the plugin's
        return Fault(error, "")


def explain(plugin: str, where: str, fault: Fault) -> Problem:
    """A Fault in words, with the next step."""
    if isinstance(fault.error, ProblemError):
        return fault.error.problem
    if isinstance(fault.error, Slow):
        return Problem(
            "JS-4001",
            N_("插件 %(plugin)s 在 %(where)s 超过了 %(budget)s 毫秒，没有等它"),
            N_("请插件作者把慢的部分移到定时任务里；其余部分照常可用"),
            params={"plugin": plugin, "where": where, "budget": round(fault.error.seconds * 1000)},
        )
    return Problem(
        "JS-4001",
        N_("插件 %(plugin)s 在 %(where)s 出错：%(error)s"),
        N_("把 /admin/plugins 里的完整报错发给插件作者；其余部分照常可用"),
        params={"plugin": plugin, "where": where, "error": fault.text},
    )


def explain_import(plugin: str, fault: Fault) -> Problem:
    """Why a plugin could not be imported."""
    error = fault.error
    params: dict[str, object] = {"plugin": plugin, "error": fault.text}
    remedy = N_("把 /admin/plugins 里的完整报错发给插件作者；暂时不用就停用它")
    message = N_("插件 %(plugin)s 载入时出错：%(error)s")
    if isinstance(error, ModuleNotFoundError) and error.name:
        params["module"] = error.name
        remedy = N_("在运行门户的 Python 环境里安装 %(module)s，再重启门户")
    elif isinstance(error, SyntaxError):
        message = N_("插件 %(plugin)s 有语法错误，第 %(line)s 行：%(error)s")
        params |= {"line": error.lineno or "?", "error": error.msg}
        remedy = N_("请插件作者改正，或换回能用的版本")
    elif isinstance(error, SystemExit):
        message = N_("插件 %(plugin)s 载入时要退出整个程序（%(error)s），已经拦下")
        remedy = N_("请插件作者去掉模块顶层的 sys.exit")
    return Problem("JS-4001", message, remedy, params=params)


def explain_extension(plugin: str, name: str, error: BaseException) -> Problem:
    """Why a page was made without a Markdown extension."""
    message = N_("插件 %(plugin)s 的 Markdown 扩展 %(name)s 出错，页面没有用它：%(error)s")
    remedy = N_("把出错的文章和插件名告诉插件作者")
    if isinstance(error, OverBudget):
        message = N_("插件 %(plugin)s 的 Markdown 扩展 %(name)s 太慢，页面没有用它：%(error)s")
        remedy = N_("一分钟后会再试；总是太慢，就告诉插件作者，或调大设置 plugins_budget_ms")
    params = {"plugin": plugin, "name": name, "error": Fault(error, "").text}
    return Problem("JS-4001", message, remedy, params=params)


def explain_command(plugin: str, error: Exception) -> Problem:
    """Why a plugin's command failed."""
    if isinstance(error, ProblemError):
        return error.problem
    return Problem(
        "JS-4001",
        N_("插件命令 %(plugin)s 出错：%(error)s"),
        N_("把这一行和所用的命令发给插件作者"),
        params={"plugin": plugin, "error": Fault(error, "").text},
    )


def started_threads(plugin: str, number: int) -> Problem:
    """The plugin has started threads of its own."""
    return Problem(
        "JS-4001",
        N_("插件 %(plugin)s 自己开了 %(number)s 个线程"),
        N_("请插件作者改用定时任务（portal_scheduled_jobs）；这些线程不会拖住门户退出"),
        severity="warning",
        params={"plugin": plugin, "number": number},
    )
