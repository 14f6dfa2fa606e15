"""Pages of the projects room: templates to start from, the list of projects, changes to one.

A project's own page is in the workflow room, which stands above and knows its steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kb.problems import Problem, ProblemError
from portal.accounts.guard import require
from portal.accounts.identity import asking
from portal.accounts.models import Role, User
from portal.i18n import said
from portal.library.blueprint import require_reading
from portal.library.page_cache import keep_page
from portal.projects import service

bp = Blueprint("projects", __name__)
bp.before_request(require_reading)


def _actor() -> User:
    user = asking()
    assert user is not None  # the view requires a role
    return user


@bp.get("/templates")
def gallery() -> Any:
    """Every project template."""
    if asking() is None:
        keep_page()
    return render_template("projects/gallery.html", cards=service.gallery())


@bp.get("/templates/<name>")
def template(name: str) -> Any:
    """One template: outline, chart, roles, learning links; how to start a project from it."""
    if asking() is None:
        keep_page()
    return _template_page(name)


def _template_page(name: str, problem: Problem | None = None) -> Any:
    user = asking()
    page = service.template_page(name, user)
    if page is None:
        abort(404)
    may_start = service.leads(user) and page.plan is not None
    return render_template(
        "projects/template.html",
        page=page,
        template=page.card.template,
        may_start=may_start,
        today=service.today(),
        refused=problem,
        typed=request.form,
    )


@bp.post("/templates/<name>/start")
@require(Role.PMSO)
def start(name: str) -> Any:
    """Start a project from a template."""
    if not any(card.template.name == name for card in service.gallery()):
        abort(404)
    try:
        day = service.day_of(request.form.get("start", ""))
        project = service.start(_actor(), name, request.form.get("title", ""), day)
    except ProblemError as error:
        return _template_page(name, error.problem), 400
    flash(_("项目已开始。先把各个角色的人定下来。"), "good")
    return redirect(f"/projects/{project.id}")


@bp.get("/projects")
@require()
def projects() -> Any:
    """Every project."""
    number = request.args.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    return render_template(
        "projects/list.html", board=service.board(page), may_start=service.leads(asking())
    )


@bp.post("/projects/<int:project_id>/people")
@require(Role.PMSO)
def people(project_id: int) -> Response:
    """Say who has which role."""
    roles, names = request.form.getlist("role"), request.form.getlist("person")
    version = request.form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    pairs = dict(zip(roles, names, strict=False))
    return _done(
        project_id,
        lambda: service.assign(_actor(), project_id, pairs, number),
        _("人员已保存。"),
        "people",
    )


@bp.post("/projects/<int:project_id>/tasks/<wbs>")
@require()
def task(project_id: int, wbs: str) -> Response:
    """Mark a task as done or not done."""
    done = "done" in request.form
    if not service.may_mark(project_id, wbs, _actor()):
        abort(404)
    return _done(
        project_id,
        lambda: service.set_done(_actor(), project_id, wbs, done=done),
        _("%(wbs)s 已勾为完成。", wbs=wbs) if done else _("%(wbs)s 已改回未完成。", wbs=wbs),
        f"task-{wbs}",
    )


@bp.post("/projects/<int:project_id>/close")
@require(Role.PMSO)
def close(project_id: int) -> Response:
    """End a project."""
    return _done(
        project_id, lambda: service.close(_actor(), project_id), _("项目已结束，只能看了。")
    )


@bp.post("/projects/<int:project_id>/reopen")
@require(Role.PMSO)
def reopen(project_id: int) -> Response:
    """Go on with a closed project."""
    return _done(project_id, lambda: service.reopen(_actor(), project_id), _("项目接着做。"))


def _done(project_id: int, change: Callable[[], None], words: str, anchor: str = "") -> Response:
    """Make a change and go back to the project's page, saying what came of it."""
    if service.project(project_id) is None:
        abort(404)
    try:
        change()
    except ProblemError as error:
        flash(said(error.problem), "bad")
    else:
        flash(words, "good")
    return redirect(f"/projects/{project_id}" + (f"#{anchor}" if anchor else ""))
