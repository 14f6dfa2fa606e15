"""The door to the projects room: templates, projects, their health."""

from __future__ import annotations

from portal.projects.changes import assign, close, reopen, set_done
from portal.projects.gallery import gallery, template_page
from portal.projects.health import Health, assess
from portal.projects.reading import (
    ProjectPage,
    board,
    leads,
    may_act,
    may_mark,
    project,
    project_page,
    today,
    view_of,
)
from portal.projects.starting import day_of, start

__all__ = [
    "Health",
    "ProjectPage",
    "assess",
    "assign",
    "board",
    "close",
    "day_of",
    "gallery",
    "leads",
    "may_act",
    "may_mark",
    "project",
    "project_page",
    "reopen",
    "set_done",
    "start",
    "template_page",
    "today",
    "view_of",
]
