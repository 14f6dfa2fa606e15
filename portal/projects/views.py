"""Pages of the projects room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("projects", __name__)
