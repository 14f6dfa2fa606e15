"""Writes what is generated in docs/plugins/, and the contract snapshot: ``make docs``.

With ``--check`` nothing is written; what is stale is named and the exit code is 1. Two things are
filled in, both inside pages that are written by hand:

* between ``<!-- made: NAME -->`` and ``<!-- end -->``, what `docs.sections` makes under that name;
* a fenced block whose info line says ``file=PATH`` holds ``tests/docs/first_plugin/PATH``, one that
  says ``new=PATH`` the file that ``portal plugins new`` makes under that path.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from docs.contract import contract
from docs.sections import SECTIONS

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "plugins"
FILES = ROOT / "tests" / "docs" / "first_plugin"
CONTRACT = ROOT / "tests" / "plugins" / "contract.txt"

_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.S)
_BLOCK = re.compile(r"^(```\w+ (file|new)=(\S+)\n)(.*?)(^```)$", re.S | re.M)


def fresh() -> Iterator[tuple[Path, str]]:
    """Every file that is generated, or has generated parts, with the text it should have."""
    for path in sorted(PAGES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        made = _BLOCK.sub(_filled_block, _MADE.sub(_filled_section, text))
        if _MADE.search(text) or _BLOCK.search(text):
            yield path, made
    yield CONTRACT, contract()


def stale() -> list[Path]:
    """The files that are not as they should be."""
    return [
        path
        for path, text in fresh()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def _filled_section(found: re.Match[str]) -> str:
    make: Callable[[], str] = SECTIONS[found[2]]
    return f"{found[1]}\n{make().strip()}\n\n{found[3]}"


def _filled_block(found: re.Match[str]) -> str:
    if found[2] == "file":
        text = (FILES / found[3]).read_text(encoding="utf-8")
    else:
        text = _scaffolded(found[3])
    return f"{found[1]}{text.rstrip()}\n{found[5]}"


def _scaffolded(place: str) -> str:
    """A file of a new plugin with a table, as ``portal plugins new NAME --with-model`` makes it."""
    from portal.scaffold.making import Wanted, make

    name = place.split("/")[0]
    with tempfile.TemporaryDirectory() as folder:
        make(Wanted(name, "blank", with_model=True), Path(folder))
        return (Path(folder) / place).read_text(encoding="utf-8")


def main() -> int:
    """Write, or with ``--check`` compare; gives the exit code."""
    if "--check" in sys.argv[1:]:
        old = stale()
        for path in old:
            print(f"{path.relative_to(ROOT)} is stale → make docs")
        return 1 if old else 0
    for path, text in fresh():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
