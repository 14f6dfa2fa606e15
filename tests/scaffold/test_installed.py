"""New plugins where nothing else of the project is: they install, their tests pass, they run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from portal.scaffold.making import KINDS, Wanted, make
from tests.scaffold.conftest import install

PLUGINS = {**{f"new_{kind}": Wanted(f"new_{kind}", kind) for kind in KINDS}} | {
    "new_table": Wanted("new_table", "blank", "留言", with_model=True)
}


@pytest.fixture(scope="module")
def projects(author: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Name → folder of a new plugin of each kind, all installed."""
    place = tmp_path_factory.mktemp("plugins")
    folders = {name: make(wanted, place) for name, wanted in PLUGINS.items()}
    switches = ("--no-index", "--no-deps", "--no-build-isolation")
    install(author, *switches, *(str(folder) for folder in folders.values()))
    return folders


def run(python: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a module of that environment, in `folder`, with nothing of ours on the path."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("P")}
    environ |= {"PATH": os.environ["PATH"], "PORTAL_HOME": str(folder / "home")}
    return subprocess.run(
        [python, "-m", *words], cwd=folder, env=environ, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", PLUGINS)
def test_its_own_tests_pass(name: str, projects: Mapping[str, Path], author: Path) -> None:
    done = run(author, projects[name], "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_the_portal_finds_and_runs_them(
    projects: Mapping[str, Path], author: Path, tmp_path: Path
) -> None:
    assert run(author, tmp_path, "portal.cli", "init").returncode == 0
    upgrade = ("db", "upgrade", "--plugin", "new_table")
    done = run(author, tmp_path, "portal.cli", *upgrade)
    assert done.returncode == 0, done.stderr
    done = run(author, tmp_path, "portal.cli", "plugins", "list", "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout) if row["name"] in projects}
    found = {name: (row["source"], row["state"], row["reason"]) for name, row in rows.items()}
    assert found == dict.fromkeys(projects, ("installed", "active", ""))
    # The installed one does not stand in the way of the folder it was made from.
    done = run(author, projects["new_table"], "portal.cli", "plugins", "check", ".")
    assert (done.returncode, done.stdout.strip()) == (0, "没有发现问题")
