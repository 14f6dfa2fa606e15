"""Plugins written by the test, as in the tests of plugins."""

from __future__ import annotations

from tests.portal.plugins.conftest import load, write_plugin  # noqa: F401
