"""An environment in which distributions come and go: the tests' own, with a thin one above it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable
from pathlib import Path

from tests.arch.sources import LEFT_OUT, ROOT

FIXTURES = ROOT / "tests" / "fixtures"


class Overlay:
    """An environment of its own: what the tests' has is lent to it, the project by a path.

    Nothing has to be fetched, and nothing installed here is seen by the tests themselves.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.EnvBuilder(symlinks=True).create(folder)
        self.python = folder / "bin" / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = folder / "lib" / version / "site-packages"
        for lender in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
            for lent in Path(lender).iterdir():
                # Editable installs are .pth files and finders named after the project.
                if lent.suffix != ".pth" and "jinshi" not in lent.name:
                    (packages / lent.name).symlink_to(lent)
        (packages / "checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")

    def wheels(self, sources: Iterable[Path]) -> list[Path]:
        """Build a wheel of each distribution."""
        place = self.folder / "wheels"
        switches = ("--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(place))
        self._pip("wheel", *switches, *map(str, sources))
        return sorted(place.glob("*.whl"))

    def install(self, wheels: Iterable[Path]) -> None:
        """Install distributions, and nothing else."""
        self._pip("install", "--no-index", "--no-deps", *map(str, wheels))

    def uninstall(self, *names: str) -> None:
        """Take distributions away again; one that is not there is no matter."""
        self._pip("uninstall", "--yes", *names)

    def _pip(self, *words: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "-q"]
        # pip takes the folder it runs in for a place where distributions are installed.
        done = subprocess.run([*command, *words], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def copied(name: str, place: Path) -> Path:
    """A copy of a distribution's sources: building and testing leave files behind."""
    return shutil.copytree(
        FIXTURES / name, place / name, ignore=shutil.ignore_patterns(*LEFT_OUT, "*.egg-info")
    )
