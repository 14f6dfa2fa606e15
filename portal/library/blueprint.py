"""The library's blueprint; `views` and the modules beside it add their pages to it."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.accounts.guard import login_page
from portal.accounts.identity import asking
from portal.library.visibility import may_read_at_all

bp = Blueprint("library", __name__)


def require_reading() -> Response | None:
    """Where reading needs an account, every address leads a visitor to the login, there or not.

    Rooms that show content use this as their blueprint's ``before_request``.
    """
    return None if may_read_at_all(asking()) else login_page()


bp.before_request(require_reading)
