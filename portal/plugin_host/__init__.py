"""Plugins: found, checked, called in isolation. See host.py."""

from __future__ import annotations

from flask import Flask

from portal.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    """Load the plugins and keep the host in ``app.extensions["plugins"]``."""


def mount(app: Flask) -> None:
    """Mount what plugins add to the web, after the core's own rooms."""
