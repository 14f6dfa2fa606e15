"""Pages of the workflow room: the catalogue of steps."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template

from portal.accounts.identity import asking
from portal.library.blueprint import require_reading
from portal.library.page_cache import keep_page
from portal.workflow import service

bp = Blueprint("workflow", __name__)
bp.before_request(require_reading)


@bp.get("/steps")
def catalogue() -> Any:
    """Every kind of step."""
    if asking() is None:
        keep_page()
    return render_template("workflow/catalogue.html", kinds_of_step=service.catalogue())


@bp.get("/steps/<name>")
def step(name: str) -> Any:
    """One kind of step: what it is for, how it can end, what can be set."""
    user = asking()
    page = service.step_page(name, user)
    if page is None:
        abort(404)
    if user is None:
        keep_page()
    return render_template("workflow/step.html", page=page, kind=page.kind)
