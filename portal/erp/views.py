"""Pages of the ERP room: connectors, their settings and the check."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kb.problems import ProblemError
from portal.accounts.guard import require
from portal.accounts.identity import asking
from portal.accounts.models import Role, User
from portal.erp import reading, service
from portal.i18n import said
from portal.library.blueprint import require_reading

bp = Blueprint("erp", __name__)
bp.before_request(require_reading)


def _may_edit(user: User | None) -> bool:
    return user is not None and user.role.at_least(Role.PMSO)


def _actor() -> User:
    user = asking()
    assert user is not None  # the view requires a role
    return user


@bp.get("/connectors")
def connectors() -> Any:
    """Every connector, and how the ones that are set up are doing."""
    return render_template("erp/connectors.html", pages=service.pages())


@bp.get("/connectors/<name>")
def connector(name: str) -> Any:
    """One connector: what it reads; for PMSO and administrators its settings and the check."""
    page = service.page(name)
    if page is None:
        abort(404)
    return render_template("erp/connector.html", page=page, may_edit=_may_edit(asking()))


@bp.post("/connectors/<name>")
@require(Role.PMSO)
def save(name: str) -> Any:
    """Keep the settings."""
    if service.page(name) is None:
        abort(404)
    problems = service.save(_actor(), name, request.form)
    if problems:
        page = service.page(name, problems=problems, typed=request.form)
        return render_template("erp/connector.html", page=page, may_edit=True), 400
    flash(_("设置已保存。现在可以检查了。"), "good")
    return redirect(url_for("erp.connector", name=name))


@bp.post("/connectors/<name>/check")
@require(Role.PMSO)
def check(name: str) -> Response:
    """Look at the other system, change nothing, show what was found."""
    try:
        result = service.check(_actor(), name)
    except ProblemError as error:
        flash(said(error.problem), "bad")
        return redirect(url_for("erp.connectors"))
    if result.ok:
        flash(_("检查通过，读得到数据。"), "good")
    else:
        flash(_("JS-4003 连接器检查失败，原因在下面。"), "bad")
    return redirect(url_for("erp.connector", name=name) + "#check")


@bp.post("/connectors/<name>/read")
@require(Role.PMSO)
def read(name: str) -> Response:
    """Read what the other system has; what fails leaves the last good data."""
    try:
        outcome = reading.read(_actor(), name)
    except ProblemError as error:
        flash(said(error.problem), "bad")
        page = service.page(name)
        return redirect(url_for("erp.connector", name=name) if page else url_for("erp.connectors"))
    count = sum(outcome.rows.values())
    if outcome.problems:
        flash(_("没有全部读成，原因在下面；上次成功的数据还在。"), "bad")
    elif count:
        flash(_("读成了，收到 %(n)s 行。", n=count), "good")
    else:
        flash(_("读成了，没有新的数据。"), "good")
    return redirect(url_for("erp.connector", name=name) + "#data")
