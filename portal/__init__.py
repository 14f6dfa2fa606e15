"""金石学堂: the Flask application."""

from __future__ import annotations

from flask import Flask

from portal.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; reads the settings from the environment when none are given.

    Raises SettingsError. A missing database or index is no error here: pages say what to do.
    """
    from portal.factory import build

    return build(settings)
