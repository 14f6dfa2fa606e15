"""Pages of the projects room: the gallery of templates."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template

from portal.accounts.identity import asking
from portal.library.blueprint import require_reading
from portal.library.page_cache import keep_page
from portal.projects import service

bp = Blueprint("projects", __name__)
bp.before_request(require_reading)


@bp.get("/templates")
def gallery() -> Any:
    """Every project template."""
    if asking() is None:
        keep_page()
    return render_template("projects/gallery.html", cards=service.gallery())


@bp.get("/templates/<name>")
def template(name: str) -> Any:
    """One template: outline, chart, roles, learning links."""
    user = asking()
    page = service.template_page(name, user)
    if page is None:
        abort(404)
    if user is None:
        keep_page()
    return render_template("projects/template.html", page=page, template=page.card.template)
