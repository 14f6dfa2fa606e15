"""Pages of the insights room: figures as tables, and each as a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask_login import current_user

from kb.problems import N_
from portal.accounts.guard import require
from portal.accounts.models import Role
from portal.errors import answer
from portal.insights import service

bp = Blueprint("insights", __name__)


@bp.record_once
def _install(state: Any) -> None:
    state.app.jinja_env.filters["figure"] = service.figure


@bp.get("/reports")
@require()
def reports() -> Any:
    """The figures plugins make, for those who may see any."""
    user = current_user.user
    if not service.visible(user) and not user.role.at_least(Role.PMSO):
        abort(404)
    return render_template("insights/reports.html", cards=service.cards(user))


@bp.get("/reports/<plugin>/<name>.csv")
@require()
def download(plugin: str, name: str) -> Response:
    """One block's whole table as CSV."""
    block = service.find(current_user.user, plugin, name)
    if block is None:
        abort(404)
    table, problem = service.whole(current_user.user, block)
    if table is None:
        return answer(503, N_("暂时算不出"), problem)
    response = Response(service.as_csv(table), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{plugin}-{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
