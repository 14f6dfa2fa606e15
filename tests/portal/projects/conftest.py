"""A portal with a small template of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from portal.accounts.models import Role, User
from portal.projects import service
from portal.projects.models import Project
from tests.portal.plugins.conftest import Load, load, write_plugin  # noqa: F401

FRIDAY = date(2026, 3, 6)

SMALL = """
@hookimpl
def portal_project_templates(ctx):
    link = LearningLink("拆分", "/tutorials/wbs-basics")
    return [
        ProjectTemplate(
            "small", "小项目", "两个阶段",
            phases=(TemplatePhase("1", "准备"), TemplatePhase("2", "动手")),
            tasks=(
                TemplateTask("1.1", "量尺寸", 3, 8, "甲", "图纸", learn=(link,)),
                TemplateTask("1.2", "订料", 2, 90, "乙", after=("1.1",)),
                TemplateTask("1.3", "料到", role="甲", after=("1.2",)),
                TemplateTask("2.1", "装", 0.5, 4, after=("1.3",)),
            ),
            roles=(TemplateRole("甲", "量"), TemplateRole("乙", "买")),
            version="2.1",
        )
    ]
"""


@pytest.fixture
def app(write_plugin: Callable[..., Path], load: Load) -> Iterator[Flask]:  # noqa: F811
    """A portal with the template ``small``, inside its context."""
    write_plugin("small", SMALL)
    built = load()
    with built.app_context():
        yield built


@pytest.fixture
def lead(make_user: Callable[..., User]) -> User:
    """Somebody who may lead projects."""
    return make_user("lena", Role.PMSO)


@pytest.fixture
def project(lead: User) -> Project:
    """A project started on a Friday."""
    return service.start(lead, "small", "新仓库", FRIDAY)
