"""A portal with single-file plugins written by the test."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

Load = Callable[..., Flask]

HEAD = """
from portal.api import *
from portal.api import N_

manifest = PluginManifest(name={name!r}, title="试验 {name}")
"""


@pytest.fixture
def write_plugin(tmp_path: Path) -> Callable[..., Path]:
    """Write a plugin file; a manifest is put in front unless `bare`."""

    def write(name: str, source: str, *, bare: bool = False) -> Path:
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.py"
        head = "" if bare else HEAD.format(name=name)
        path.write_text(head + textwrap.dedent(source), encoding="utf-8")
        return path

    return write


@pytest.fixture
def load(make_app: Callable[..., Flask], tmp_path: Path) -> Load:
    """Build a portal with the plugins written so far; keyword arguments are settings."""

    def build(**settings: object) -> Flask:
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        return make_app(**{"anonymous_read": True, "plugins_dir": folder, **settings})

    return build
