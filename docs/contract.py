"""The plugin API as text, one line an item: what ``tests/plugins/contract.txt`` holds."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal import api, hookspecs
from portal.plugin_host.registering import hook_names

HEAD = """\
# The contract with plugin authors: written by `make docs`, kept under version control.
# A line that is added asks for a new second number of API_VERSION; one that is changed or taken
# away asks for a deprecation first (docs/plugins/versioning.md).
"""


def contract() -> str:
    """Every name of `portal.api`, every hook and every slot with all that a plugin sees of it."""
    lines = [f"API_VERSION = {api.API_VERSION!r}", ""]
    for name in sorted(api.__all__):
        if name not in {"API_VERSION", "SLOTS"}:
            lines += described(name, getattr(api, name))
    lines += ["", *(f"SLOTS[{slot!r}] = {subject!r}" for slot, subject in api.SLOTS.items()), ""]
    lines += [f"hook {name}{signature(getattr(hookspecs, name))}" for name in hook_names()]
    return HEAD + "\n".join(lines) + "\n"


def described(name: str, value: Any) -> Iterator[str]:
    """The lines of one name."""
    if inspect.isroutine(value) or inspect.isclass(value):
        ours = value.__module__.startswith(("portal.", "kb."))
    else:
        yield plain(name, value)
        return
    if not ours:
        yield f"{name}: {value.__module__.split('.')[0].lstrip('_')}.{value.__qualname__}"
    elif not inspect.isclass(value):
        yield f"def {name}{signature(value)}"
    else:
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"class {name}({bases})" if bases else f"class {name}"
        fields = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
        for field in fields:
            only = " (keyword only)" if field.kw_only else ""
            yield f"{name}.{field.name}: {field.type}{default_of(field)}{only}"
        known = {field.name for field in fields}
        yield from members(name, value, known)


def members(name: str, cls: type, known: set[str]) -> Iterator[str]:
    """Public methods and properties that a class defines itself."""
    for key, member in vars(cls).items():
        if key.startswith("_") or key in known:
            continue
        if isinstance(member, property):
            yield f"{name}.{key}: property -> {returned(member.fget)}"
        elif isinstance(member, classmethod | staticmethod):
            yield f"{type(member).__name__} {name}.{key}{signature(member.__func__)}"
        elif inspect.isfunction(member):
            yield f"def {name}.{key}{signature(member)}"


def signature(function: Any) -> str:
    """How it is called, with the types as written."""
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(function)))


def default_of(field: dataclasses.Field[Any]) -> str:
    """`` = 3``, or nothing for a field that must be given."""
    if field.default is not dataclasses.MISSING:
        return f" = {'None' if field.default is None else repr(field.default)}"
    if field.default_factory is not dataclasses.MISSING:
        return f" = {getattr(field.default_factory, '__name__', '…')}()"
    return ""


def plain(name: str, value: Any) -> str:
    """A constant, or a type that is an alias."""
    if isinstance(value, str | tuple | int | float | Mapping):
        return f"{name} = {value!r}"
    if not isinstance(value, type) and type(value).__module__.startswith("pluggy"):
        return f"{name}: pluggy.{type(value).__name__}"
    return f"{name} = {str(value).replace('portal.contributions.workflow.', '')}"


def returned(function: Any) -> str:
    """The type a function is said to return."""
    return str(function.__annotations__.get("return", "?"))
