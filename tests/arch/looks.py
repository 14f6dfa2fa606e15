"""What a file looks like: its length, its docstrings, its leftovers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.arch.sources import Source, at, python

LONGEST = 400

# Written so that this file does not hold what it looks for.
LEFTOVERS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|raise NotImplemented" r"Error")
MACHINE = re.compile(
    r"(?<![\w.])/(?:wor[k]|far[m]|roo[t]|home/[a-z]+|User[s])/|/tmp/la[b]\b|\.librar[y]/|before-sto[p]"
)


def too_long(source: Source) -> Iterator[str]:
    """A file has one subject; over 400 lines, split it by meaning."""
    count = source.text.count("\n")
    if count > LONGEST:
        yield at(source, count, f"{count} lines, more than {LONGEST}")


def leftover(source: Source) -> Iterator[str]:
    """Work put off is written in an issue, not in the code."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := LEFTOVERS.search(line):
            yield at(source, number, found.group())


def names_a_machine(source: Source) -> Iterator[str]:
    """A path of one machine means nothing on another."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := MACHINE.search(line):
            yield at(source, number, f"names a path of a machine: {found.group()}")


def swallows_silently(source: Source) -> Iterator[str]:
    """Catching everything needs a comment beside it that says why."""
    lines = source.text.splitlines()
    for node in ast.walk(ast.parse(source.text)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = "" if node.type is None else ast.unparse(node.type)
        if caught not in {"", "Exception", "BaseException"}:
            continue
        ends_in_raise = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        # The comment may stand above the handler's line, on it, or before its first statement.
        beside = lines[max(0, node.lineno - 2) : node.body[0].lineno]
        if not ends_in_raise and not any("#" in line for line in beside):
            yield at(source, node.lineno, f"except {caught or 'everything'} without a reason")


@cache
def promised() -> frozenset[str]:
    """Methods that a Protocol of the engine room documents: what fulfils it need not repeat it."""
    found: set[str] = set()
    for source in python("kb"):
        for node in ast.walk(ast.parse(source.text)):
            if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases):
                methods = (item for item in node.body if isinstance(item, ast.FunctionDef))
                found |= {item.name for item in methods if ast.get_docstring(item)}
    return frozenset(found)


def undocumented(source: Source) -> Iterator[str]:
    """Every public module, class, function and method says what it gives."""
    tree = ast.parse(source.text)
    if tree.body and not ast.get_docstring(tree):
        yield at(source, 1, "module without docstring")
    yield from _undocumented(source, tree, "")


def _undocumented(source: Source, parent: ast.AST, prefix: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(parent):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or _is_overload(node):
            continue
        if prefix and node.name in promised():
            continue
        if not ast.get_docstring(node):
            yield at(source, node.lineno, f"{prefix}{node.name} without docstring")
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(source, node, f"{prefix}{node.name}.")


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Variants of one signature, setters, and overrides speak through the one they belong to."""
    names = {ast.unparse(item).split(".")[-1] for item in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})
