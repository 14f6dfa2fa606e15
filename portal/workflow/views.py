"""Pages of the workflow room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("workflow", __name__)
