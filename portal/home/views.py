"""The home page: what can I do here, in one look."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.accounts.identity import asking
from portal.home import service as home
from portal.library import service as library
from portal.library.blueprint import require_reading
from portal.library.page_cache import keep_page

bp = Blueprint("home", __name__)
bp.before_request(require_reading)


@bp.get("/")
def index() -> str:
    """Search first, then kinds, series, newest, most read, and what plugins add."""
    user = asking()
    if user is None:
        keep_page()
    return render_template(
        "home/index.html",
        sections=home.sections(user),
        popular=[],
        can_write=library.may_write(user),
    )
