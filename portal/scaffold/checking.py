"""Everything wrong with a plugin, in words: what the host says, and what it cannot see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from jinja2 import TemplateSyntaxError

from kb.markup.renderer import Renderer
from kb.problems import N_, Problem, ProblemError
from portal.plugin_host import host
from portal.plugin_host.calls import attempt
from portal.plugin_host.config import NoConfig, title_of, validate
from portal.plugin_host.states import Failure, Plugin, State
from portal.scaffold.advice import advice
from portal.scaffold.subject import Subject, subject_at
from portal.scaffold.trial import Trial, trial

AT_AUTHOR = N_("改正这里，再检查一次；要看完整的报错，就在测试里载入它")

PAGES = {
    # Hook → the page of each item that visitors may open.
    "portal_content_kinds": "/{0.prefix}/",
    "portal_project_templates": "/templates/{0.name}",
    "portal_workflow_step_kinds": "/steps/{0.name}",
}

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


@dataclass(frozen=True)
class Checked:
    """What a check found: errors first, then advice (severity ``warning``)."""

    name: str
    findings: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def advice(self) -> tuple[Problem, ...]:
        """What would be better."""
        return tuple(one for one in self.findings if one.severity != "error")


def check(path: Path, config: Mapping[str, Any] | None = None) -> Checked:
    """Look over the plugin in a file or folder, with these settings. Leaves nothing behind."""
    try:
        return examine(subject_at(path), config)
    except ProblemError as error:
        return Checked(path.name, (error.problem,))


def examine(subject: Subject, config: Mapping[str, Any] | None = None) -> Checked:
    """Look over a plugin, with these settings. Raises ProblemError when it cannot be tried."""
    given = config or {}
    with trial(subject, given) as tried:
        findings = [*_said_by_host(subject, tried.plugin, given), *tried.problems]
        findings += _tried_out(subject, tried)
        findings += advice(subject, tried.plugin.manifest)
    different: list[Problem] = []
    for finding in findings:
        if finding not in different:
            different.append(finding)
    different.sort(key=lambda one: one.severity != "error")
    return Checked(subject.name, tuple(different))


def _said_by_host(subject: Subject, plugin: Plugin, config: Mapping[str, Any]) -> Iterator[Problem]:
    """The reason of its state, all its failures, and each setting that does not do."""
    if plugin.state is State.MISCONFIGURED and plugin.manifest is not None:
        model = plugin.manifest.config or NoConfig
        unset = validate(model, config, plugin.name)[1]
        for wrong in unset:
            yield _setting(plugin, wrong, title_of(model, wrong.where.split(".")[0]))
        if unset:
            return
    if plugin.problem is not None and not plugin.failures:
        yield replace(plugin.problem, where=plugin.problem.where or subject.place(subject.file))
    for failure in plugin.failures:
        yield _told(subject, failure)


def _told(subject: Subject, failure: Failure) -> Problem:
    """A failure for its author: with the line, and without a way to an administrator's page."""
    problem = failure.problem
    remedy = AT_AUTHOR if failure.traceback and "/admin/" in problem.remedy else problem.remedy
    return replace(problem, where=problem.where or _where(subject, failure), remedy=remedy)


def _setting(plugin: Plugin, wrong: Problem, title: str) -> Problem:
    return Problem(
        "JS-4002",
        N_("设置 %(field)s（%(title)s）：%(wrong)s"),
        N_("给它一个默认值，让插件不设置也能载入；必须由人填的，检查时用 --config 给出"),
        where=wrong.where,
        params={"field": wrong.where or plugin.name, "title": title, "wrong": wrong.text()},
    )


def _where(subject: Subject, failure: Failure) -> str:
    """The last line of the plugin's own code in the traceback, else what it was doing."""
    own = {str(path) for path in subject.sources}
    lines = [
        f"{subject.place(Path(path))}:{line}"
        for path, line in _FRAME.findall(failure.traceback)
        if path in own
    ]
    return lines[-1] if lines else failure.where


def _tried_out(subject: Subject, tried: Trial) -> Iterator[Problem]:
    """What shows only when it is used: templates, cards, examples of Markdown."""
    yield from _templates(subject, tried)
    plugin = tried.plugin
    if not plugin.running:
        return
    known = len(plugin.failures)
    yield from _pages(subject, tried)
    for failure in plugin.failures[known:]:
        yield _told(subject, failure)
    for one in host().collected("portal_markdown_extensions"):
        if one.plugin == plugin.name:
            failed = Renderer([one.item.markup]).render(one.item.example).failed_extensions
            if failed:
                yield Problem(
                    "JS-4001",
                    N_("Markdown 扩展 %(name)s 排不出自己的例子：%(example)s"),
                    N_("在测试里用这个例子调用 kb.markup.Renderer，看它报什么错"),
                    subject.place(subject.file),
                    params={"name": one.item.name, "example": one.item.example},
                )


def _pages(subject: Subject, tried: Trial) -> Iterator[Problem]:
    """Open the home page and the page of everything it adds: what fails there is recorded."""
    browser = tried.app.test_client()
    paths = ["/"]
    for hook, form in PAGES.items():
        found = (one.item for one in host().collected(hook) if one.plugin == tried.plugin.name)
        paths += [form.format(item) for item in found]
    for path in paths:
        answer = attempt(partial(_status, browser, path))
        if answer != 200:
            yield Problem(
                "JS-4001",
                N_("页面 %(path)s 打不开：%(error)s"),
                N_("在测试里打开它，看是哪一部分出错"),
                subject.place(subject.file),
                params={"path": path, "error": getattr(answer, "text", answer)},
            )


def _status(browser: FlaskClient, path: str) -> int:
    with browser.get(path) as answer:
        return answer.status_code


def _templates(subject: Subject, tried: Trial) -> Iterator[Problem]:
    if subject.package is None:
        return
    for path in sorted(subject.package.rglob("*.html")):
        try:
            tried.app.jinja_env.parse(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            message, remedy = N_("模板不是 UTF-8 编码"), N_("另存为 UTF-8")
            yield Problem("JS-4001", message, remedy, subject.place(path))
        except TemplateSyntaxError as error:
            yield Problem(
                "JS-4001",
                N_("模板有语法错误：%(error)s"),
                N_("按 Jinja 的语法改正这一行"),
                f"{subject.place(path)}:{error.lineno}",
                params={"error": error.message},
            )
