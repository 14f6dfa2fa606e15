"""For tests of plugins: ``pytest_plugins = ["portal.testing"]`` in ``tests/conftest.py``.

Fixtures: `app`, `client`, `login_as`, `load_plugin`, `plugin_ctx`, `collected`, `emit`,
`recording_server`, and, always on, `no_network` and `no_mail`; `portal_settings` can be overridden.
`assert_conforms` looks a plugin over, `assert_migrates` its tables;
`portal.testing.connectors.ConnectorContract` and `portal.testing.steps.StepContract` are base
classes of tests.

Needs pytest: ``pip install "jinshi-portal[testing]"``. Failures are told in words of our own, so
pytest need not look into these modules: PYTEST_DONT_REWRITE.
"""

from __future__ import annotations

from portal.testing.conforming import assert_conforms, assert_migrates
from portal.testing.fixtures import (
    app,
    client,
    collected,
    emit,
    load_plugin,
    login_as,
    plugin_ctx,
    portal_settings,
)
from portal.testing.guards import NotAllowed, no_mail, no_network
from portal.testing.server import Recorded, RecordingServer, recording_server

__all__ = [
    "NotAllowed",
    "Recorded",
    "RecordingServer",
    "app",
    "assert_conforms",
    "assert_migrates",
    "client",
    "collected",
    "emit",
    "load_plugin",
    "login_as",
    "no_mail",
    "no_network",
    "plugin_ctx",
    "portal_settings",
    "recording_server",
]
