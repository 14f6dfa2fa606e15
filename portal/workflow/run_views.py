"""A project's page with its steps, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kb.problems import Problem, ProblemError
from portal.accounts.guard import require
from portal.accounts.identity import asking
from portal.accounts.models import Role, User
from portal.i18n import said
from portal.projects import service as projects
from portal.workflow import service
from portal.workflow.blueprint import bp


def _actor() -> User:
    user = asking()
    assert user is not None  # the view requires a role
    return user


@bp.get("/projects/<int:project_id>")
@require()
def project(project_id: int) -> Any:
    """One project: how it stands, its tasks, its steps."""
    page = projects.project_page(project_id, asking())
    if page is None:
        abort(404)
    return render_template(
        "projects/project.html",
        page=page,
        project=page.project,
        view=page.view,
        steps=service.steps_of(page.project, asking()),
    )


@bp.get("/projects/<int:project_id>/steps/new/<kind>")
@require(Role.PMSO)
def new_step(project_id: int, kind: str) -> Any:
    """The form for a step of this kind."""
    return _form(project_id, kind)


@bp.post("/projects/<int:project_id>/steps/new/<kind>")
@require(Role.PMSO)
def add_step(project_id: int, kind: str) -> Any:
    """Put the step at the end."""
    if service.add_page(project_id, kind) is None:
        abort(404)
    title = request.form.get("step-title", "")
    try:
        problems = service.add(_actor(), project_id, kind, title, request.form)
    except ProblemError as error:
        problems = (error.problem,)
    if problems:
        return _form(project_id, kind, problems), 400
    flash(_("步骤已加上。"), "good")
    return redirect(f"/projects/{project_id}#steps")


def _form(project_id: int, kind: str, problems: tuple[Problem, ...] = ()) -> Any:
    typed = request.form if problems else None
    page = service.add_page(project_id, kind, problems, typed)
    if page is None:
        abort(404)
    named = {field.name for field in page.fields}
    return render_template(
        "workflow/add.html",
        page=page,
        project=page.project,
        kind=page.kind,
        typed=request.form,
        problems=[one for one in problems if one.where.split(".")[0] not in named],
    )


@bp.post("/projects/<int:project_id>/steps/<int:step_id>/act")
@require()
def act(project_id: int, step_id: int) -> Response:
    """Somebody says how a step has ended."""
    outcome, note = request.form.get("outcome", ""), request.form.get("note", "")

    def change() -> str:
        first = service.act(_actor(), project_id, step_id, outcome, note)
        return str(_("这一步办好了。") if first else _("这一步已经办过了，没有再办一遍。"))

    return _changed(project_id, step_id, change)


@bp.post("/projects/<int:project_id>/steps/<int:step_id>/retry")
@require()
def retry(project_id: int, step_id: int) -> Response:
    """Try a failed step again."""

    def change() -> str:
        service.try_again(_actor(), project_id, step_id)
        return str(_("又试了一次，结果在下面。"))

    return _changed(project_id, step_id, change)


@bp.post("/projects/<int:project_id>/steps/<int:step_id>/remove")
@require(Role.PMSO)
def remove(project_id: int, step_id: int) -> Response:
    """Take a step away."""

    def change() -> str:
        service.remove(_actor(), project_id, step_id)
        return str(_("步骤已撤掉。"))

    return _changed(project_id, step_id, change)


def _changed(project_id: int, step_id: int, change: Callable[[], str]) -> Response:
    """Make a change and go back to the step. Who may not act sees no such page."""
    found = projects.project(project_id)
    if found is None or not projects.may_act(found, asking()):
        abort(404)
    try:
        flash(change(), "good")
    except ProblemError as error:
        flash(said(error.problem), "bad")
    return redirect(f"/projects/{project_id}#step-{step_id}")
