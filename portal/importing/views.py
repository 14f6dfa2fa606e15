"""Pages of the importing room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("importing", __name__)
