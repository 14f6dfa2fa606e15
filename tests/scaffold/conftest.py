"""New plugins in the test's folder, and one environment with the wheel for all of them."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.scaffold.making import Wanted, make
from tests.arch.sources import ROOT
from tests.test_packaging import project_files

New = Callable[..., Path]


@pytest.fixture
def new(tmp_path: Path) -> New:
    """Make a plugin in the test's folder; gives its folder."""

    def made(name: str, kind: str = "blank", title: str = "", with_model: bool = False) -> Path:
        return make(Wanted(name, kind, title, with_model), tmp_path)

    return made


@pytest.fixture(scope="session")
def author(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the portal's wheel in it.

    The locked dependencies are lent by the environment of the tests, one by one, so that nothing
    has to be fetched and the project itself, installed there for development, stays out.
    """
    place = tmp_path_factory.mktemp("author")
    source, folder = place / "source", place / "environment"
    for path in project_files():
        copy = source / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / path).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = place.glob("*.whl")
    venv.EnvBuilder(symlinks=True).create(folder)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    for lender in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for lent in Path(lender).iterdir():
            if lent.suffix != ".pth" and "jinshi" not in lent.name:
                (packages / lent.name).symlink_to(lent)
    python = folder / "bin" / "python"
    install(python, "--no-index", "--no-deps", str(wheel))
    return python


def install(python: Path, *what: str) -> None:
    """pip install into the environment of `python`, without fetching anything."""
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", *what]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
