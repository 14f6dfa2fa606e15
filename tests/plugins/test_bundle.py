"""Every bundled plugin is in order, and every hook of this version is used by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from portal import api
from portal.plugin_host import host
from portal.plugin_host.discovery import BUNDLED
from portal.plugin_host.registering import hook_names
from portal.plugin_host.states import State
from portal.testing import assert_conforms

PLUGINS = Path(__file__).parents[2] / "plugins"


def test_every_folder_is_in_the_tuple_and_has_a_readme() -> None:
    folders = {path.name for path in PLUGINS.iterdir() if (path / "plugin.py").is_file()}
    assert {dotted.split(".")[1] for dotted in BUNDLED} == folders
    for name in folders:
        assert (PLUGINS / name / "README.md").read_text(encoding="utf-8").startswith(f"# {name} ")


def test_all_are_active(app: Flask) -> None:
    for plugin in host().report():
        assert plugin.state is State.ACTIVE, plugin.problem
        assert plugin.manifest is not None and plugin.manifest.summary
        assert plugin.failures == []


def test_every_hook_is_used_by_a_bundled_plugin(app: Flask) -> None:
    used = {hook for plugin in host().plugins for hook in plugin.hooks}
    assert used == set(hook_names())


def test_every_hook_is_explained_with_an_example() -> None:
    from portal import hookspecs

    for name in hook_names():
        doc = getattr(hookspecs, name).__doc__ or ""
        assert "@hookimpl" in doc and f"def {name}(" in doc, name


def test_the_facade_offers_what_it_says() -> None:
    assert sorted(api.__all__) == list(dict.fromkeys(sorted(api.__all__)))
    for name in api.__all__:
        assert hasattr(api, name), name


@pytest.mark.parametrize("dotted", BUNDLED)
def test_each_holds_to_what_the_kit_asks_of_every_plugin(dotted: str) -> None:
    assert_conforms(dotted)
