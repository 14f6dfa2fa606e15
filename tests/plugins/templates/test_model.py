"""What the template dataclasses refuse."""

from __future__ import annotations

import pytest

from portal.api import LearningLink, ProjectTemplate, TaskLink, TemplatePhase, TemplateTask


def template(*tasks: TemplateTask) -> ProjectTemplate:
    return ProjectTemplate("t", "x", "x", (TemplatePhase("1", "一"),), tasks)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("1.2", TaskLink("1.2", "1.1")),
        ("1.2SS+3", TaskLink("1.2", "1.1", "SS", 3)),
        ("1.2 FF -1.5", TaskLink("1.2", "1.1", "FF", -1.5)),
        ("1.2SF", TaskLink("1.2", "1.1", "SF")),
        ("1.2+2", TaskLink("1.2", "1.1", "FS", 2)),
    ],
)
def test_the_notation_of_links(text: str, link: TaskLink) -> None:
    assert TemplateTask("1.1", "x", after=(text,)).links == (link,)


@pytest.mark.parametrize("text", ["", "x", "1.2XX", "1.2SS+", "1.2SS+1.", "1.2SS 3", "1..2"])
def test_links_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"1\.1"):
        template(TemplateTask("1.1", "x", after=(text,)))


@pytest.mark.parametrize(
    ("tasks", "says"),
    [
        ((TemplateTask("1.1", "a"), TemplateTask("1.1", "b")), "two tasks"),
        ((TemplateTask("2.1", "a"),), "in no phase"),
        ((TemplateTask("1", "a"),), "in no phase"),
        ((TemplateTask("1.1", "a", days=-1),), "less than nothing"),
        ((TemplateTask("1.1", "a", role="谁"),), "unknown role"),
        ((TemplateTask("1.1", "a", after=("1.2",)),), "does not exist"),
    ],
)
def test_parts_that_do_not_fit(tasks: tuple[TemplateTask, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        template(*tasks)


@pytest.mark.parametrize("url", ["https://x", "//x", "javascript:x", "faq/x", ""])
def test_learning_links_stay_in_the_portal(url: str) -> None:
    with pytest.raises(ValueError, match="learning link"):
        LearningLink("x", url)
