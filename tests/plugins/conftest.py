"""The portal's fixtures, and a context to try a plugin's functions with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.api import PluginContext
from portal.library.plugin_window import LibraryWindow
from portal.plugin_host.services import HostServices

# The fixtures of the portal's tests, for plugins that need an application.
from tests.portal.conftest import (  # noqa: F401
    app,
    client,
    database_url,
    login_as,
    make_app,
    make_user,
    postgres,
)


@pytest.fixture
def make_ctx(tmp_path: Path) -> Callable[..., PluginContext]:
    """A plugin's context in this test's folder, with `config`."""

    def make(config: Any = None, name: str = "trial") -> PluginContext:
        log, home = logging.getLogger("trial"), tmp_path / "home"
        services = HostServices(lambda *_message: False)
        return PluginContext(name, config, log, home, LibraryWindow(), services)

    return make
