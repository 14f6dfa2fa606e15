"""docs/settings.md names every setting, with its default."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from portal.settings import PREFIX, Settings, load
from tests.arch.sources import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<key>\S+) \| (?P<variable>\S+) \| (?P<default>\S+) \| \S", re.MULTILINE)
EMPTY = "空"
NOT_OF_THE_MODEL = {"PORTAL_CONFIG"}  # where the file lies cannot stand in the file


def rows(page: str) -> dict[str, tuple[str, str]]:
    """Environment variable → (key of portal.toml, default), without the backticks."""
    found = {}
    for row in ROW.finditer(page):
        key, variable, default = (value.strip("`") for value in row.groups())
        if variable.startswith(PREFIX):
            found[variable] = (key, default)
    return found


def written(value: Any) -> str:
    """A default as the page writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return EMPTY if value in ("", None, ()) else str(value)


def expected() -> dict[str, tuple[str, str]]:
    found = {}
    for name, field in Settings.model_fields.items():
        if name == "home":
            found[PREFIX + "HOME"] = ("–", "instance")
        elif name != "plugins":  # tables of plugins: no variable
            found[PREFIX + name.upper()] = (name, written(field.default))
    return found


def test_every_setting_is_on_the_page_with_its_default() -> None:
    shown = {key: value for key, value in rows(PAGE).items() if key not in NOT_OF_THE_MODEL}
    assert shown == expected()


def test_a_setting_left_out_is_seen() -> None:
    without = "\n".join(line for line in PAGE.splitlines() if "PORTAL_WORKERS" not in line)
    assert set(expected()) - set(rows(without)) == {"PORTAL_WORKERS"}


def test_the_example_can_be_loaded(tmp_path: Path) -> None:
    example = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(example) == 1
    tomllib.loads(example[0])
    (tmp_path / "portal.toml").write_text(example[0], encoding="utf-8")
    assert load({}, home=tmp_path).plugins_disabled == ("library_stats",)
