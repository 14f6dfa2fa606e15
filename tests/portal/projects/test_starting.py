"""A template becomes a project: dates on working days, roles, events; and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.problems import ProblemError
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.db import db
from portal.plugin_host import host
from portal.projects import service
from portal.projects.calendar import span, working_day
from portal.projects.models import Project
from tests.portal.plugins.conftest import Load
from tests.portal.projects.conftest import FRIDAY, SMALL

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(0, 600))
def test_a_working_day_is_found_by_counting(start: date, number: int) -> None:
    day, left = start, number
    while day.weekday() > 4 or left:
        left -= day.weekday() < 5
        day += timedelta(days=1)
    assert working_day(start, number) == day


@given(DAYS, st.floats(0, 500), st.floats(0, 200))
def test_a_span_is_in_order_and_on_working_days(start: date, begins: float, days: float) -> None:
    first, last = span(start, begins, begins + days)
    assert start <= first <= last
    assert first.weekday() < 5 and last.weekday() < 5


def test_dates_leave_the_weekend_out(project: Project) -> None:
    dates = {task.wbs: (task.start.isoformat(), task.finish.isoformat()) for task in project.tasks}
    assert dates == {
        "1.1": ("2026-03-06", "2026-03-10"),
        "1.2": ("2026-03-11", "2026-03-12"),
        # A milestone is the evening of the last day before it.
        "1.3": ("2026-03-12", "2026-03-12"),
        "2.1": ("2026-03-13", "2026-03-13"),
    }


def test_a_start_on_saturday_is_moved_to_monday(lead: User) -> None:
    project = service.start(lead, "small", "周六开工", date(2026, 3, 7))
    assert project.start == project.tasks[0].start == date(2026, 3, 9)


def test_what_is_kept_of_the_template(project: Project, lead: User) -> None:
    assert (project.template, project.template_version, project.plugin) == ("small", "2.1", "small")
    assert project.people == {"甲": "", "乙": ""}
    assert project.created_by_id == lead.id
    assert [task.phase for task in project.tasks] == ["准备", "准备", "准备", "动手"]
    assert [task.milestone for task in project.tasks] == [False, False, True, False]
    entry = accounts.entries(limit=1)[0]
    assert (entry.action, entry.subject, entry.actor_name) == ("project.start", "新仓库", "lena")


@pytest.mark.parametrize(
    ("template", "title", "day", "says"),
    [
        ("small", "  \n ", FRIDAY, "名称"),
        ("small", "长" * 121, FRIDAY, "120"),
        ("small", "a\x00b", FRIDAY, "看不见"),
        ("nothing", "好", FRIDAY, "nothing"),
        ("small", "好", date(1, 1, 1), "2000"),
        ("small", "好", date(2100, 1, 1), "2099"),
    ],
)
def test_what_cannot_be_started(
    template: str, title: str, day: date, says: str, lead: User
) -> None:
    with pytest.raises(ProblemError, match=says):
        service.start(lead, template, title, day)
    assert db.session.query(Project).count() == 0


@pytest.mark.parametrize("text", ["", "2026-02-30", "morgen", "2026/03/02", "9" * 400])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(ProblemError, match="不是一个日期"):
        service.day_of(text)


HOPELESS = """
@hookimpl
def portal_project_templates(ctx):
    one = (TemplatePhase("1", "一"),)
    loop = (
        TemplateTask("1.1", "甲", 1, after=("1.2",)),
        TemplateTask("1.2", "乙", 1, after=("1.1",)),
    )
    return [
        ProjectTemplate("loop", "圈", "圈", one, loop),
        ProjectTemplate("endless", "没完", "没完", one, (TemplateTask("1.1", "甲", float("inf")),)),
        ProjectTemplate("aeon", "很久", "很久", one, (TemplateTask("1.1", "甲", 1e9),)),
    ]
"""


@pytest.mark.parametrize(
    ("template", "says"), [("loop", "成了圈"), ("endless", "算不出"), ("aeon", "算不出")]
)
def test_templates_that_cannot_be_planned(
    template: str,
    says: str,
    write_plugin: Callable[..., Path],
    load: Load,
    make_user: Callable[..., User],
) -> None:
    write_plugin("hopeless", HOPELESS)
    host().reload()
    with pytest.raises(ProblemError, match=says):
        service.start(make_user("max"), template, "好", FRIDAY)
    assert db.session.query(Project).count() == 0


def test_plugins_hear_of_a_new_project_and_one_that_fails_stops_nobody(
    write_plugin: Callable[..., Path], load: Load, lead: User
) -> None:
    write_plugin(
        "deaf", "@hookimpl\ndef portal_on_project_created(ctx, project):\n    raise KeyError(1)"
    )
    write_plugin(
        "listener",
        """
        @hookimpl
        def portal_on_project_created(ctx, project):
            line = f"{project.id} {project.title} {len(project.tasks)} {project.url}"
            (ctx.data_dir / "heard").write_text(line, encoding="utf-8")
        """,
    )
    host().reload()
    project = service.start(lead, "small", "听得到", FRIDAY)
    host().settle()
    heard = host().settings.home / "plugins" / "listener" / "heard"
    assert heard.read_text(encoding="utf-8") == f"{project.id} 听得到 4 /projects/{project.id}"


def test_the_project_outlives_its_template(
    project: Project, write_plugin: Callable[..., Path], lead: User
) -> None:
    write_plugin("small", SMALL.replace('"small", "小项目"', '"other", "别的"'))
    host().reload()
    page = service.project_page(project.id, lead)
    assert page is not None and page.template_title == ""
    assert [line.task.wbs for phase in page.phases for line in phase.tasks][:2] == ["1.1", "1.2"]
