"""What can be refused in this room, in words."""

from __future__ import annotations

from kb.problems import N_, Problem, ProblemError
from portal.contributions import ProjectTemplate
from portal.projects.schedule import CycleError


def refuse(message: str, remedy: str, where: str = "", **params: object) -> ProblemError:
    """JS-6001: something about a project that cannot be done like this."""
    return ProblemError(Problem("JS-6001", message, remedy, where, params=params))


def changed_meanwhile() -> ProblemError:
    """JS-5001: the change was made on an older version of the project."""
    return ProblemError(
        Problem(
            "JS-5001",
            N_("有人在你之前改过这个项目，你的改动没有保存"),
            N_("看一看现在的样子，再改一次"),
        )
    )


def no_project() -> ProblemError:
    """JS-6001: there is no such project (any more)."""
    return refuse(N_("没有这个项目"), N_("到项目列表里找找看"))


def cycle(template: ProjectTemplate, error: CycleError) -> Problem:
    """The links of a template lead back to where they began."""
    return Problem(
        "JS-4001",
        N_("模板 %(name)s 的任务互相等待，成了圈：%(cycle)s"),
        N_("请插件作者去掉圈上的一条关系；办法见排错文章「排计划时提示循环依赖」"),
        params={"name": template.title, "cycle": str(error)},
    )
