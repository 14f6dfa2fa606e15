"""The pages for plugin authors, and a portal into which the plugins in them are put."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.plugin_host.states import Plugin, State
from portal.testing import (
    app,
    client,
    emit,
    load_plugin,
    login_as,
    no_mail,
    no_network,
    plugin_ctx,
    portal_settings,
    recording_server,
)

__all__ = [
    "app",
    "client",
    "emit",
    "load_plugin",
    "login_as",
    "no_mail",
    "no_network",
    "plugin_ctx",
    "portal_settings",
    "recording_server",
]

PAGES = Path(__file__).parents[2] / "docs" / "plugins"

collect_ignore = ["first_plugin"]  # the tutorial's plugin: its tests run where it is installed

Written = Callable[[str], Plugin]


def plugin_in(page: str) -> tuple[str, str]:
    """Name and source of the one complete plugin on a page."""
    text = (PAGES / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.S | re.M)
    [source] = [block for block in blocks if "PluginManifest(" in block]
    name = re.search(r'PluginManifest\(\s*name="(\w+)"', source)
    assert name is not None
    return name[1], source


@pytest.fixture
def written(load_plugin: Callable[[Path], Plugin], tmp_path: Path) -> Written:
    """Load the plugin on a page, as it is printed; it must be active and add all it wants to."""

    def load(page: str) -> Plugin:
        name, source = plugin_in(page)
        path = tmp_path / "single" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
        plugin = load_plugin(path)
        assert (plugin.state, plugin.problem, plugin.failures) == (State.ACTIVE, None, [])
        return plugin

    return load
