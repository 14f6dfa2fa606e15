"""Pages of the feedback room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("feedback", __name__)
