"""Pages of the workflow room: the catalogue of steps."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template

from portal.accounts.identity import asking
from portal.library.page_cache import keep_page
from portal.workflow import run_views, service
from portal.workflow.blueprint import bp

__all__ = ["bp", "run_views"]


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
