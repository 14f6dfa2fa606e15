"""`portal plugins new`: what it refuses, and what it makes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from kb.problems import ProblemError
from portal.cli.plugins import command
from portal.plugin_host.manifest import API_VERSION
from portal.scaffold.checking import check
from portal.scaffold.making import FOLDER, KINDS, Wanted, make
from tests.arch.sources import ROOT
from tests.scaffold.conftest import New

LONGEST = "a_name_that_is_as_long_as_a_name_can_be_"[:39] + "x"
AWKWARD = "A'b<c> &{{d}} «e»"
EVERY = [(kind, model) for kind in KINDS for model in (False, True)]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Office", "小写"),
        ("a", "2–40"),
        ("office-move", "下划线"),
        ("../office", "小写"),
        ("class", "关键字"),
        ("match", "关键字"),
        ("json", "Python 自带"),
        ("announcement", "随门户提供"),
        ("portal", "已经有"),
        ("pytest", "已经有"),
        ("tests", "已经有"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_in_words(
    name: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(ProblemError) as caught:
        make(Wanted(name, "blank"), tmp_path)
    problem = caught.value.problem
    assert says in problem.text() + problem.next_step()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("title", ["两\n行", "长" * 25, "100%", "\x00", 'a"b', "a\\b"])
def test_a_title_that_cannot_be_used_is_refused(title: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="标题"):
        make(Wanted("office_move", "blank", title), tmp_path)


def test_what_is_there_already_stays(tmp_path: Path) -> None:
    (tmp_path / "office_move").mkdir()
    with pytest.raises(ProblemError, match="已经存在"):
        make(Wanted("office_move", "blank"), tmp_path)
    assert list((tmp_path / "office_move").iterdir()) == []


def test_the_command_touches_no_portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "home"))
    done = CliRunner().invoke(command, ["new", "office_move", "--kind", "template"])
    assert done.exit_code == 0, done.output
    assert "portal plugins check" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["office_move"]


def test_a_refusal_of_the_command_ends_with_two(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "portal.cli", "plugins", "new", "json"]
    done = subprocess.run(
        words, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "[JS-4001]" in done.stderr and "Python 自带" in done.stderr


def test_every_template_of_a_file_is_used(tmp_path: Path) -> None:
    made = set()
    for kind in KINDS:
        for path in make(Wanted(f"x_{kind}", kind, with_model=True), tmp_path).rglob("*"):
            made.add(path.name.replace(f"x_{kind}", "NAME"))
    assert {".gitignore", "test.yml", "pyproject.toml", "README.md", "card.css"} <= made
    assert {path.parent.name for path in FOLDER.glob("*/*.jinja")} == {*KINDS, "common", "model"}


@pytest.mark.parametrize(("kind", "with_model"), EVERY)
def test_what_is_made_is_in_order(kind: str, with_model: bool, new: New) -> None:
    """A new plugin has nothing to be found by ruff or by ``portal plugins check``."""
    folder = new(f"my_{kind}", kind, "新东西", with_model)
    assert [str(one) for one in check(folder).findings] == []
    ruff(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_name_and_an_awkward_title_do_no_harm(kind: str, new: New) -> None:
    folder = new(LONGEST, kind, AWKWARD, True)
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["description"] == AWKWARD
    assert [str(one) for one in check(folder).findings] == []
    ruff(folder)


def test_it_wants_the_interface_it_was_made_with(new: New) -> None:
    text = (new("office_move") / "office_move" / "plugin.py").read_text(encoding="utf-8")
    assert f'requires_api=">={API_VERSION},<2"' in text


def ruff(folder: Path) -> None:
    """Lint and format as the project does."""
    for words in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache"]
        command += ["--config", str(ROOT / "ruff.toml"), "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
