"""Pages of the erp room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("erp", __name__)
