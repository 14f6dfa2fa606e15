"""The page of scheduled jobs, for administrators."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from kb.problems import ProblemError
from portal.accounts.guard import require
from portal.accounts.models import Role
from portal.db import utcnow
from portal.jobs import service as jobs

bp = Blueprint("jobs", __name__)


@bp.get("/admin/jobs")
@require(Role.ADMIN)
def overview() -> str:
    """Every job: when it runs, and how it went last."""
    return render_template("jobs/overview.html", jobs=jobs.pages(utcnow()))


@bp.post("/admin/jobs/<plugin>/<name>/run")
@require(Role.ADMIN)
def run(plugin: str, name: str) -> Response:
    """Let a job run at the worker's next turn."""
    try:
        jobs.run_soon(current_user.user, plugin, name, utcnow())
    except ProblemError:
        abort(404)
    flash(_("后台进程马上就运行它；过一会儿刷新页面看结果。"), "good")
    return redirect(url_for(".overview"), 303)
