"""The importing room has no pages yet; the command line is its door."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("importing", __name__)
