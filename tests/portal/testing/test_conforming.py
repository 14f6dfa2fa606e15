"""`assert_conforms` and `assert_migrates` say what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.plugin_host import host
from portal.plugin_host.states import Plugin
from portal.scaffold.making import Wanted, make
from portal.testing import assert_conforms, assert_migrates


def test_a_bundled_plugin_conforms_by_its_dotted_name() -> None:
    assert_conforms("plugins.glossary.plugin")


def test_a_plugin_conforms_as_the_host_has_it(app: Any) -> None:
    plugin = host().plugin("announcement")
    assert plugin is not None
    assert_conforms(plugin)


def test_every_fault_is_in_the_words(tmp_path: Path) -> None:
    folder = make(Wanted("office_move", "blank"), tmp_path)
    plugin = folder / "office_move" / "plugin.py"
    text = plugin.read_text(encoding="utf-8")
    plugin.write_text(text.replace("portal_on_content", "portal_on_contents"), encoding="utf-8")
    (folder / "README.md").unlink()
    with pytest.raises(AssertionError, match="2 个问题") as caught:
        assert_conforms(folder)
    assert "portal_on_content_changed" in str(caught.value) and "README" in str(caught.value)


def test_what_needs_settings_is_given_them(tmp_path: Path) -> None:
    folder = make(Wanted("office_move", "blank"), tmp_path)
    plugin = folder / "office_move" / "plugin.py"
    text = plugin.read_text(encoding="utf-8")
    plugin.write_text(text.replace('"有新文章", min_length', "min_length"), encoding="utf-8")
    with pytest.raises(AssertionError, match="greeting"):
        assert_conforms(folder)
    assert_conforms(folder, {"greeting": "看"})


def test_tables_that_do_not_fit_are_told(
    load_plugin: Callable[[Any], Plugin], tmp_path: Path
) -> None:
    folder = make(Wanted("office_rooms", "blank", with_model=True), tmp_path)
    models = folder / "office_rooms" / "models.py"
    text = models.read_text(encoding="utf-8")
    load_plugin(folder)
    assert_migrates("office_rooms")
    models.write_text(text.replace("String(200)", "String(300)"), encoding="utf-8")
    load_plugin(folder)
    with pytest.raises(AssertionError, match="迁移做出的表与模型不一样"):
        assert_migrates("office_rooms")


def test_a_plugin_without_tables_is_told(app: Any) -> None:
    with pytest.raises(AssertionError, match="announcement"):
        assert_migrates("announcement")
