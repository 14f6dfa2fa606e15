"""What every template may use without being handed it."""

from __future__ import annotations

from flask import Flask, request

THEMES = ("auto", "light", "dark")
COOKIE = "theme"


def theme() -> str:
    """The theme this browser has chosen: ``light``, ``dark``, or ``auto`` for the system's."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def install(app: Flask) -> None:
    """Set the template globals of the user interface."""
    app.jinja_env.globals.update(theme=theme, settings=app.config["SETTINGS"])
