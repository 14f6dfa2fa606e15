"""Settings: one object from three sources, and every fault said at once with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.settings import SettingsError, load


def test_defaults(tmp_path: Path) -> None:
    settings = load({}, home=tmp_path)
    assert settings.port == 8000
    assert settings.anonymous_read is False
    assert settings.database == f"sqlite:///{tmp_path / 'portal.sqlite'}"


def test_environment_wins_over_file_and_argument_over_both(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text('port = 9001\nsite_name = "甲"\n', encoding="utf-8")
    env = {"PORTAL_HOME": str(tmp_path), "PORTAL_PORT": "9002"}
    assert load(env).port == 9002
    assert load(env, port=9003).port == 9003
    assert load(env).site_name == "甲"


def test_tables_and_plugin_tables(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(
        '[search]\nengine = "whoosh"\n'
        '[plugins]\nsafe_mode = true\n[plugins.csv_folder]\nfolder = "x"\n',
        encoding="utf-8",
    )
    settings = load({}, home=tmp_path)
    assert settings.search_engine == "whoosh"
    assert settings.plugins_safe_mode is True
    assert settings.plugins == {"csv_folder": {"folder": "x"}}


def test_all_faults_come_together_with_key_value_and_remedy(tmp_path: Path) -> None:
    env = {
        "PORTAL_HOME": str(tmp_path),
        "PORTAL_PORT": "eighty",
        "PORTAL_ANONYMOUS_READ": "perhaps",
        "PORTAL_ANONYMOS_READ": "true",
        "PORTAL_DATABASE_URL": "mysql://x:secret@y/z",
        "PORTAL_TIMEZONE": "Mars/Olympus",
    }
    with pytest.raises(SettingsError) as caught:
        load(env)
    text = {problem.params["key"]: str(problem) for problem in caught.value.problems}
    assert "eighty" in text["PORTAL_PORT"] and "整数" in text["PORTAL_PORT"]
    assert "true 或 false" in text["PORTAL_ANONYMOUS_READ"]
    assert "改为 anonymous_read" in text["PORTAL_ANONYMOS_READ"]
    assert "secret" not in text["PORTAL_DATABASE_URL"]
    assert "Mars/Olympus" in text["PORTAL_TIMEZONE"]
    assert len(text) == 5


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text("port = = 1", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"portal\.toml"):
        load({}, home=tmp_path)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_plain_postgresql_addresses_get_our_driver(tmp_path: Path, scheme: str) -> None:
    settings = load({"PORTAL_DATABASE_URL": f"{scheme}://u@h/d"}, home=tmp_path)
    assert settings.database == "postgresql+psycopg://u@h/d"
