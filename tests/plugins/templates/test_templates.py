"""The bundled templates are projects somebody could run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from portal.contributions import LearningLink, ProjectTemplate
from portal.projects.schedule import schedule

NAMES = ("manufacturing", "software", "rollout", "training")
CONTENT = Path(__file__).parents[3] / "content"


def template_of(name: str) -> ProjectTemplate:
    found: ProjectTemplate = import_module(f"plugins.template_{name}.template").TEMPLATE
    return found


@pytest.fixture(params=NAMES)
def template(request: pytest.FixtureRequest) -> ProjectTemplate:
    return template_of(request.param)


def test_enough_substance(template: ProjectTemplate) -> None:
    assert len(template.tasks) >= (18 if template.name == "training_event" else 30)
    assert len(template.phases) >= 4 and len(template.milestones) >= 3
    assert all(template.tasks_in(phase) for phase in template.phases)
    assert all(task.role and task.deliverable for task in template.tasks)
    assert all(task.hours > 0 for task in template.tasks)
    assert {role.name for role in template.roles} == {task.role for task in template.tasks}


def test_it_can_be_scheduled_and_ends_in_its_last_task(template: ProjectTemplate) -> None:
    plan = schedule({task.wbs: task.days for task in template.tasks}, template.links)
    last = template.tasks[-1]
    assert last.milestone
    assert plan.placed[last.wbs].early_finish == plan.duration
    assert 30 <= plan.duration <= 110
    # A phase does not begin before its project has been approved: one task starts it all.
    starts = [wbs for wbs, place in plan.placed.items() if place.early_start == 0]
    assert "1.1" in starts and all(wbs.startswith("1.") for wbs in starts)


def test_no_loose_ends(template: ProjectTemplate) -> None:
    """Every task but the first waits for one, every task but the last is waited for."""
    followed = {link.predecessor for link in template.links}
    follows = {link.successor for link in template.links}
    assert [task.wbs for task in template.tasks if task.wbs not in follows] == ["1.1"]
    assert [t.wbs for t in template.tasks if t.wbs not in followed] == [template.tasks[-1].wbs]


def test_effort_fits_the_time(template: ProjectTemplate) -> None:
    """Nobody works more than three people's hours on a task, or none at all."""
    for task in template.tasks:
        if not task.milestone:
            assert 0 < task.hours <= task.days * 24, task.wbs


def test_numbers_run_on(template: ProjectTemplate) -> None:
    for phase in template.phases:
        numbers = [int(task.wbs.split(".")[1]) for task in template.tasks_in(phase)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_learning_links_lead_to_articles_of_ours(template: ProjectTemplate) -> None:
    links: list[LearningLink] = [*template.learn, *(one for t in template.tasks for one in t.learn)]
    assert len(links) >= 5
    for link in links:
        assert (CONTENT / f"{link.url.strip('/')}.md").is_file(), link.url


def test_all_four_kinds_of_link_are_used() -> None:
    kinds = {link.type for name in NAMES for link in template_of(name).links}
    assert kinds == {"FS", "SS", "FF", "SF"}
