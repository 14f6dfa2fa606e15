"""Portals with jobs written by the test."""

from __future__ import annotations

from tests.portal.plugins.conftest import load, write_plugin  # noqa: F401
