"""`portal plugins check`: everything wrong with a plugin is said, and nothing is left behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kb.problems import N_
from portal.cli.plugins import command
from portal.plugin_host import discovery
from portal.scaffold.checking import Checked, check
from tests.portal.plugins.broken import ALL, Broken
from tests.portal.plugins.conftest import HEAD
from tests.scaffold.conftest import New

PLUGINS = Path(__file__).parents[2] / "plugins"
GOOD = """
from portal.api import *
manifest = PluginManifest(name="office_move", title="搬家", summary="搬家用")
"""
FIELD = "from pydantic import BaseModel, Field\nclass Config(BaseModel):\n    server: str\n"


def said(checked: Checked, severity: str) -> str:
    """All findings of a severity, as one text."""
    return "\n".join(str(one) for one in checked.findings if one.severity == severity)


@pytest.fixture
def single(tmp_path: Path) -> Callable[[str], Path]:
    """A single file office_move.py."""

    def write(source: str) -> Path:
        path = tmp_path / "office_move.py"
        path.write_text(source, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_every_broken_plugin_is_named(broken: Broken, tmp_path: Path) -> None:
    head = "" if broken.bare else HEAD.format(name=broken.name)
    path = tmp_path / f"{broken.name}.py"
    path.write_text(head + broken.source, encoding="utf-8")
    checked = check(path)
    assert checked.name == broken.name
    assert {one.code for one in checked.errors} == {broken.code}
    text = said(checked, "error")
    for words in broken.says:
        assert words in text
    assert "/admin/plugins" not in text


@pytest.mark.parametrize("name", ["announcement", "csv_folder"])
def test_bundled_plugins_are_in_order(name: str) -> None:
    checked = check(PLUGINS / name)
    assert [str(one) for one in checked.findings] == []


def test_the_line_of_a_fault_is_told(single: Callable[[str], Path]) -> None:
    source = GOOD + "\n@hookimpl\ndef portal_navigation(ctx):\n    1 / 0\n"
    [problem] = check(single(source)).errors
    assert problem.where == "office_move.py:7"
    assert "ZeroDivisionError" in problem.text()


def test_a_card_is_tried(single: Callable[[str], Path]) -> None:
    source = f"""{GOOD}
def card(ctx, viewer):
    return viewer.nothing
@hookimpl
def portal_dashboard_widgets(ctx):
    return [DashboardWidget("card", "x", card)]
"""
    [problem] = check(single(source)).errors
    assert problem.where == "office_move.py:6" and "nothing" in problem.text()


def test_a_plan_that_goes_in_circles_is_told(single: Callable[[str], Path]) -> None:
    source = f"""{GOOD}
@hookimpl
def portal_project_templates(ctx):
    first = TemplateTask("1.1", "a", 1, after=("1.2",))
    second = TemplateTask("1.2", "b", 1, after=("1.1",))
    return [ProjectTemplate("t", "x", "x", (TemplatePhase("1", "p"),), (first, second))]
"""
    assert "1.2 → 1.1" in said(check(single(source)), "error")


def test_an_example_of_markdown_is_tried(single: Callable[[str], Path]) -> None:
    source = f"""{GOOD}
from markdown import Extension
from markdown.preprocessors import Preprocessor
class Bad(Preprocessor):
    def run(self, lines):
        raise KeyError
class Ext(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Bad(md), "bad", 1)
@hookimpl
def portal_markdown_extensions(ctx):
    return [MarkdownExtension(MarkupExtension("bad", "1", Ext), "x", "例子")]
"""
    assert "例子" in said(check(single(source)), "error")


def test_a_template_that_cannot_be_parsed_is_told_with_its_line(new: New) -> None:
    folder = new("office_card", "widget")
    page = folder / "office_card" / "templates" / "card.html"
    page.write_text("<p>\n{% if %}\n", encoding="utf-8")
    found = [one for one in check(folder).errors if "语法" in one.text()]
    assert [one.where for one in found] == ["office_card/templates/card.html:2"]


def test_models_that_differ_from_the_migrations_are_told(new: New) -> None:
    folder = new("office_rooms", with_model=True)
    models = folder / "office_rooms" / "models.py"
    text = models.read_text(encoding="utf-8")
    models.write_text(text.replace("String(60))", "String(60), index=True)"), encoding="utf-8")
    assert "add_index" in said(check(folder), "error")


def test_a_migration_that_leaves_a_table_is_told(new: New) -> None:
    folder = new("office_rooms", with_model=True)
    [revision] = (folder / "office_rooms" / "migrations").glob("*.py")
    text = revision.read_text(encoding="utf-8")
    revision.write_text(text.replace("op.drop_table(TABLE)", "pass"), encoding="utf-8")
    assert "plugin_office_rooms__entries" in said(check(folder), "error")


def test_what_is_missing_from_a_folder_is_advised(tmp_path: Path) -> None:
    package = tmp_path / "office_move"
    package.mkdir()
    (package / "plugin.py").write_text(GOOD.strip(), encoding="utf-8")
    checked = check(package)
    assert checked.errors == ()
    advice = said(checked, "warning")
    for words in ("README", "没有测试", "pyproject.toml"):
        assert words in advice


def test_an_entry_point_a_licence_and_folders_left_out_are_advised(new: New) -> None:
    folder = new("office_card", "widget")
    project = folder / "pyproject.toml"
    lines = project.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("license", "office_card = "))]
    project.write_text("\n".join(kept), encoding="utf-8")
    advice = said(check(folder), "warning")
    for words in ("插件入口", "没有写许可", "templates/ 不会装进去", "static/ 不会装进去"):
        assert words in advice


def test_reaching_in_and_open_ranges_and_bare_texts_are_advised(
    single: Callable[[str], Path],
) -> None:
    source = """from portal.db import db
from portal.api import PluginManifest
manifest = PluginManifest(name="office_move", title="搬家", requires_api=">=1.0")
"""
    checked = check(single(source))
    assert checked.errors == ()
    advice = said(checked, "warning")
    for words in ("portal.db", "没有上限", "没有 summary", "第 3 行"):
        assert words in advice


def test_settings_that_must_be_given_can_be_given(single: Callable[[str], Path]) -> None:
    source = FIELD + GOOD.replace('summary="搬家用"', "config=Config")
    path = single(source)
    assert "server" in said(check(path), "error")
    assert check(path, {"server": "a"}).errors == ()


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_where_there_is_no_plugin_that_is_said(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "nothing"
    make(path)
    assert len(check(path).errors) == 1


@pytest.mark.parametrize(
    ("place", "module"),
    [
        ("office_move.py", "office_move"),
        ("src/company_office/moving.py", "company_office.moving"),
        ("company_office/__init__.py", "company_office"),
    ],
)
def test_other_layouts_are_understood(place: str, module: str, tmp_path: Path) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(GOOD, encoding="utf-8")
    entry = f'[project.entry-points."portal.plugins"]\noffice_move = "{module}"\n'
    (tmp_path / "pyproject.toml").write_text(entry, encoding="utf-8")
    assert check(tmp_path).errors == ()
    path.write_text(GOOD + "1 / 0", encoding="utf-8")
    assert [one.where for one in check(tmp_path).errors] == [f"{place}:4"]
    assert module not in sys.modules


def test_nothing_is_left_behind(new: New, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "home"))
    folder = new("office_move", "connector")
    files, path = sorted(folder.rglob("*")), list(sys.path)
    check(folder)
    assert sorted(folder.rglob("*")) == files
    assert sys.path == path and discovery.BROUGHT == []
    assert not [name for name in sys.modules if name.startswith("office_move")]
    assert not (tmp_path / "home").exists()


def test_a_second_check_sees_what_was_changed(new: New) -> None:
    folder = new("office_move")
    assert check(folder).findings == ()
    (folder / "office_move" / "plugin.py").write_text("1 / 0", encoding="utf-8")
    assert "ZeroDivisionError" in said(check(folder), "error")


def test_the_command_says_it_in_words_and_by_its_exit_code(single: Callable[[str], Path]) -> None:
    path = single(GOOD + "print('{')\n1 / 0\n")
    done = CliRunner().invoke(command, ["check", str(path)])
    assert done.exit_code == 1
    first, step, *_rest, last = done.stdout.splitlines()
    assert first.startswith("问题 [JS-4001] office_move.py:5：") and step.startswith("    → ")
    assert last == "1 个问题，1 条建议"
    done = CliRunner().invoke(command, ["check", str(path), "--json"])
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["errors"], answer["advice"]) == (1, 1, 1)
    assert {one["severity"] for one in answer["findings"]} == {"error", "warning"}


def test_the_command_is_content_with_a_good_plugin(
    single: Callable[[str], Path], tmp_path: Path
) -> None:
    marked = N_("搬家")
    path = single(FIELD + GOOD.replace('title="搬家"', f'title=N_("{marked}"), config=Config'))
    settings = tmp_path / "settings.toml"
    settings.write_text('server = "a"', encoding="utf-8")
    done = CliRunner().invoke(command, ["check", str(path), "--config", str(settings)])
    assert done.stdout.splitlines()[-1] == "0 个问题，1 条建议"
    assert done.exit_code == 0
