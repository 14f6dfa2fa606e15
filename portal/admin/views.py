"""The administration pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from kb.problems import ProblemError
from portal.accounts import service as accounts
from portal.accounts.guard import require
from portal.accounts.labels import ROLES
from portal.accounts.models import Role, User
from portal.admin import plugins, spaces
from portal.i18n import said, translate

bp = Blueprint("admin", __name__, url_prefix="/admin")
plugins.register(bp)

PAGE = 50


def grantable(actor: User) -> list[tuple[str, str]]:
    """The roles `actor` may give: only an administrator makes administrators."""
    return [
        (role.value, translate(label)) for role, label in ROLES.items() if actor.role.at_least(role)
    ]


@bp.get("/")
@require(Role.PMSO)
def index() -> Any:
    """What can be managed here."""
    return render_template("admin/index.html")


@bp.get("/users")
@require(Role.PMSO)
def users() -> Any:
    """All accounts, and a form for a new one."""
    return _users_page()


def _users_page(error: str | None = None, link: str | None = None) -> Any:
    page = render_template(
        "admin/users.html",
        users=accounts.all_users(),
        roles=grantable(current_user.user),
        units=[("", "—"), *((unit.id, unit.name) for unit in accounts.units())],
        form=request.form,
        error=error,
        link=link,
    )
    return page, 400 if error else 200


@bp.post("/users")
@require(Role.PMSO)
def add_user() -> Any:
    """Add an account; it opens by a one-time link."""
    form = request.form
    try:
        role = _role(form.get("role", ""))
        user = accounts.add_user(
            current_user.user,
            form.get("name", ""),
            role,
            display_name=form.get("display_name", ""),
            email=form.get("email", ""),
            org_unit_id=form.get("unit", type=int),
        )
    except ProblemError as problem:
        return _users_page(said(problem.problem))
    return _users_page(link=_link(user))


def _role(value: str) -> Role:
    if value not in [name for name, _label in grantable(current_user.user)]:
        abort(404)
    return Role(value)


def _link(user: User) -> str:
    token = accounts.new_link(accounts.RESET, user.id)
    return url_for("accounts.welcome", token=token, _external=True)


def _user(user_id: int) -> User:
    user = accounts.user_by_id(user_id)
    # Nobody changes an account that stands above his own.
    if user is None or not current_user.user.role.at_least(user.role):
        abort(404)
    return user


@bp.get("/users/<int:user_id>")
@require(Role.PMSO)
def user(user_id: int) -> Any:
    """One account."""
    return _user_page(_user(user_id))


def _user_page(subject: User, error: str | None = None, link: str | None = None) -> Any:
    page = render_template(
        "admin/user.html",
        subject=subject,
        keeper=accounts.provider_title(subject.provider) if subject.provider else "",
        roles=grantable(current_user.user),
        units=[("", "—"), *((unit.id, unit.name) for unit in accounts.units())],
        error=error,
        link=link,
    )
    return page, 400 if error else 200


@bp.post("/users/<int:user_id>")
@require(Role.PMSO)
def change_user(user_id: int) -> Any:
    """Change an account."""
    subject, form = _user(user_id), request.form
    try:
        accounts.change_user(
            current_user.user,
            subject,
            role=_role(form.get("role", "")),
            active="active" in form,
            display_name=form.get("display_name", ""),
            email=form.get("email", ""),
            org_unit_id=form.get("unit", type=int),
        )
    except ProblemError as problem:
        return _user_page(subject, said(problem.problem))
    flash(_("已保存。"), "good")
    return redirect(url_for("admin.users"))


@bp.post("/users/<int:user_id>/link")
@require(Role.PMSO)
def user_link(user_id: int) -> Any:
    """A one-time link to set a new password."""
    subject = _user(user_id)
    try:
        accounts.needs_own_password(subject)
    except ProblemError as problem:
        return _user_page(subject, said(problem.problem))
    link = _link(subject)
    accounts.audit(current_user.user, "user.link", subject.name)
    return _user_page(subject, link=link)


@bp.route("/units", methods=["GET", "POST"])
@require(Role.PMSO)
def units() -> Any:
    """Org units: the tree, adding and changing."""
    error = None
    if request.method == "POST":
        try:
            accounts.save_unit(
                current_user.user,
                request.form.get("name", ""),
                request.form.get("parent", type=int),
                request.form.get("id", type=int),
            )
            flash(_("已保存。"), "good")
            return redirect(url_for("admin.units"))
        except ProblemError as problem:
            error = said(problem.problem)
    page = render_template(
        "admin/units.html", units=accounts.unit_tree(), form=request.form, error=error
    )
    return page, 400 if error else 200


@bp.route("/spaces", methods=["GET", "POST"])
@require(Role.PMSO)
def space_list() -> Any:
    """Spaces, and a form for a new one."""
    error = None
    if request.method == "POST":
        try:
            form = request.form
            space = spaces.add_space(
                current_user.user, form.get("slug", ""), form.get("name", ""), "public" in form
            )
            return redirect(url_for("admin.space", space_id=space.id))
        except ProblemError as problem:
            error = said(problem.problem)
    page = render_template(
        "admin/spaces.html", spaces=spaces.all_spaces(), form=request.form, error=error
    )
    return page, 400 if error else 200


@bp.route("/spaces/<int:space_id>", methods=["GET", "POST"])
@require(Role.PMSO)
def space(space_id: int) -> Any:
    """One space: its name, whether it is public, and who may read it."""
    subject = spaces.get_space(space_id)
    if subject is None:
        abort(404)
    error = None
    if request.method == "POST":
        try:
            spaces.change_space(current_user.user, subject, request.form)
            flash(_("已保存。"), "good")
            return redirect(url_for("admin.space", space_id=space_id))
        except ProblemError as problem:
            error = said(problem.problem)
    page = render_template(
        "admin/space.html",
        space=subject,
        readers=spaces.readers(subject),
        users=accounts.all_users(),
        units=accounts.units(),
        roles=[(role.value, translate(label)) for role, label in ROLES.items()],
        error=error,
    )
    return page, 400 if error else 200


@bp.post("/spaces/<int:space_id>/readers/<int:reader_id>/remove")
@require(Role.PMSO)
def remove_reader(space_id: int, reader_id: int) -> Response:
    """Take a grant back."""
    spaces.remove_reader(current_user.user, space_id, reader_id)
    return redirect(url_for("admin.space", space_id=space_id))


@bp.get("/audit")
@require(Role.PMSO)
def audit() -> Any:
    """Who did what, newest first."""
    page = max(request.args.get("page", 1, type=int), 1)
    rows = accounts.entries(limit=PAGE + 1, offset=(page - 1) * PAGE)
    return render_template(
        "admin/audit.html", entries=rows[:PAGE], page=page, more=len(rows) > PAGE
    )
