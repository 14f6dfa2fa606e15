"""The project's files, and what a Python file imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Built, vendored or made on this machine: not ours to judge.
LEFT_OUT = frozenset(
    {
        ".git",
        ".venv",
        "__pycache__",
        "build",
        "dist",
        "instance",
        "node_modules",
        "vendor",
        ".hypothesis",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
    }
)


@dataclass(frozen=True)
class Source:
    """A file of the project: its path from the root, with forward slashes, and its text."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """Dotted name of a Python file."""
        name = self.path.removesuffix(".py").replace("/", ".")
        return name.removesuffix(".__init__")

    @property
    def name(self) -> str:
        """The last part of the path without its ending."""
        return self.path.rsplit("/", 1)[-1].split(".", 1)[0]


@dataclass(frozen=True)
class Import:
    """One imported name: ``from portal.db import write`` is ("portal.db", "write")."""

    line: int
    module: str
    name: str = ""

    @property
    def root(self) -> str:
        """The top-level package."""
        return self.module.split(".", 1)[0]

    @property
    def dotted(self) -> str:
        """Module and name together."""
        return f"{self.module}.{self.name}" if self.name else self.module


def files(*endings: str, below: tuple[str, ...] = ("",)) -> Iterator[Source]:
    """Every text file of the project with one of these endings, in order of path."""
    for top in below:
        for path in sorted((ROOT / top).rglob("*")):
            place = path.relative_to(ROOT)
            wanted = not endings or path.name.endswith(endings)
            if not wanted or LEFT_OUT.intersection(place.parts) or not path.is_file():
                continue
            if any(part.endswith(".egg-info") for part in place.parts):
                continue
            try:
                yield Source(place.as_posix(), path.read_text(encoding="utf-8"))
            except UnicodeDecodeError:
                continue  # a picture or a fixture in another encoding


def python(*below: str) -> Iterator[Source]:
    """Every Python file below these folders."""
    return files(".py", below=below)


def imports(source: Source) -> Iterator[Import]:
    """Everything `source` imports, wherever in the file, and literal ``import_module("…")``."""
    package = source.module.split(".")
    if not source.path.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(node.lineno, module, alias.name)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            target = node.args[0].value
            if called in {"import_module", "__import__"} and isinstance(target, str):
                yield Import(node.lineno, target)


def at(source: Source, line: int, what: str) -> str:
    """A finding as ``path:line: what``."""
    return f"{source.path}:{line}: {what}"
