"""The workflow room's blueprint; `views` and `run_views` add their pages to it."""

from __future__ import annotations

from flask import Blueprint

from portal.library.blueprint import require_reading

bp = Blueprint("workflow", __name__)
bp.before_request(require_reading)
