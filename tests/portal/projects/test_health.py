"""The score and its reasons; signals that fail are named and take nothing off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.accounts.models import User
from portal.plugin_host import host
from portal.plugin_host.states import State
from portal.projects import service
from portal.projects.models import Project
from tests.portal.plugins.conftest import Load

pytestmark = pytest.mark.usefixtures("app")

SIGNAL = """
import threading

def assess(ctx, project):
    {body}

@hookimpl
def portal_health_signals(ctx):
    return [HealthSignal("trial_signal", "试验信号", assess)]
"""


def test_reasons_lead_to_the_task(project: Project, lead: User) -> None:
    page = service.project_page(project.id, lead)
    assert page is not None and page.health is not None
    urls = [row.deduction.url for row in page.health.rows if row.deduction]
    # Too many hours in 1.2; nobody is 甲, nobody is 乙; 2.1 names no role; all is overdue or not.
    assert f"/projects/{project.id}#task-1.2" in urls
    assert f"/projects/{project.id}#task-2.1" in urls
    assert page.health.score < 100


def test_a_template_has_a_score_too() -> None:
    page = service.template_page("small", None)
    assert page is not None and page.health is not None
    assert page.health.score == 100 - 5 - 4
    assert {row.signal for row in page.health.rows} == {"拆分", "责任人"}


@pytest.mark.parametrize(
    "body",
    [
        "1 / 0",
        "raise SystemExit",
        "return None",
        "return ['x']",
        "return [Deduction('5', 'x')]",
        "return [Deduction(-5, 'x')]",
        "return [Deduction(5, 'x', 'javascript:alert(1)')]",
        "return [Deduction(5, '%(nobody)s', params={'a': 1})]",
        "yield Deduction(5, 'x'); raise KeyError('late')",
        "return (Deduction(1, 'x') for _ in iter(int, 1))",
        "threading.Event().wait(5)",
    ],
)
def test_a_signal_that_fails_is_named_and_takes_nothing_off(
    body: str, write_plugin: Callable[..., Path], load: Load
) -> None:
    write_plugin("signals", SIGNAL.format(body=body))
    app = load(plugins_budget_ms=200)
    with app.app_context():
        page = service.template_page("small", None)
        assert page is not None and page.health is not None
        failed = [row.signal for row in page.health.rows if row.deduction is None]
        assert failed == ["试验信号"]
        assert page.health.score == 91
        plugin = host().plugin("signals")
        assert plugin is not None and plugin.state is State.DEGRADED
    text = app.test_client().get("/templates/small").get_data(as_text=True)
    assert "这一项体检没做成" in text and "91 分" in text


def test_the_score_does_not_fall_below_nothing(
    write_plugin: Callable[..., Path], load: Load
) -> None:
    write_plugin("signals", SIGNAL.format(body="return [Deduction(70, 'x')] * 2"))
    host().reload()
    page = service.template_page("small", None)
    assert page is not None and page.health is not None and page.health.score == 0


def test_a_reason_is_escaped(write_plugin: Callable[..., Path], load: Load) -> None:
    body = "return [Deduction(1, '<b>%(x)s</b>', params={'x': '<i>'})]"
    write_plugin("signals", SIGNAL.format(body=body))
    text = load().test_client().get("/templates/small").get_data(as_text=True)
    assert "&lt;b&gt;&lt;i&gt;&lt;/b&gt;" in text and "<b><i>" not in text


def test_without_signals_there_is_no_score(load: Load) -> None:
    from portal.plugin_host import settings_page

    plugin = host().plugin("health_basic")
    assert plugin is not None
    settings_page.switch(None, plugin, enabled=False)
    page = service.template_page("small", None)
    assert page is not None and page.health is None
