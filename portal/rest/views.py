"""Pages of the rest room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("rest", __name__)
