"""Whether a contribution's parts are of the types its dataclass declares.

Python does not check them, and what is wrong would come out only in a page: a title that is a
number, an order that cannot be compared, a role that does not exist.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Mapping
from typing import Any, get_args

from flask import Blueprint

from portal import contributions

_PLAIN: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "bool": bool,
    "float": (int, float),
}
_ROLES = get_args(contributions.Role)
_TUPLE = re.compile(r"tuple\[(\w+), \.\.\.\]")
_LITERAL = re.compile(r"Literal\[(.*)\]")


def mistyped(item: object) -> str | None:
    """The first part of a contribution that is of another type than declared, for its author."""
    if not dataclasses.is_dataclass(item):
        return None
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        wrong = _wrong(str(field.type), value)
        if wrong is not None:
            return f"{field.name}: {wrong}"
    return None


def _wrong(declared: str, value: object) -> str | None:
    plain = _PLAIN.get(declared)
    if plain is not None:
        return None if isinstance(value, plain) else _is(value, declared)
    literal = _LITERAL.fullmatch(declared)
    if literal:
        allowed = ast.literal_eval(f"({literal[1]},)")
        return None if value in allowed else f"{value!r} is none of {allowed}"
    elements = _TUPLE.fullmatch(declared)
    if elements:
        if not isinstance(value, tuple | list):
            return _is(value, declared)
        wanted: Any = _PLAIN.get(elements[1]) or getattr(contributions, elements[1], object)
        for element in value:
            if not isinstance(element, wanted):
                return _is(element, elements[1])
            inner = mistyped(element)
            if inner is not None:
                return inner
    if declared.startswith("Mapping[") and not isinstance(value, Mapping):
        return _is(value, "Mapping")
    if declared.startswith("Callable["):
        optional = value is None and declared.endswith("| None")
        return None if optional or callable(value) else _is(value, "a function")
    if declared == "Role":
        return None if value in _ROLES else f"{value!r} is none of {_ROLES}"
    if declared == "Blueprint":
        return None if isinstance(value, Blueprint) else _is(value, "flask.Blueprint")
    return None


def _is(value: object, wanted: str) -> str:
    return f"{type(value).__name__}, not {wanted}"
