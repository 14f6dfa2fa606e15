"""What is still in the plugin API but on its way out, and the warning at the author's own line.

An entry stays for at least one minor version of the API after `since`; it goes in `gone`, the next
first number. `docs/plugins/versioning.md` is the policy in words.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class PortalDeprecationWarning(DeprecationWarning):
    """A plugin uses something that will be taken out of the API."""


@dataclass(frozen=True)
class Deprecated:
    """Since which version something is on its way out, when it goes, and what to use instead."""

    since: str
    gone: str
    use: str

    def words(self, what: str) -> str:
        """The warning."""
        return f"{what} is deprecated since API {self.since}, gone in {self.gone}: use {self.use}"


NAMES: dict[str, Deprecated] = {}
"""Names of `portal.api`. `use` is the name in `portal.api` that it stands for."""

HOOKS: dict[str, Deprecated] = {}
"""Hooks."""

ARGUMENTS: dict[tuple[str, str], Deprecated] = {}
"""(hook, argument)."""


def warn_of_name(name: str) -> str:
    """The name to use instead; warns at the line that asked ``portal.api`` for the old one.

    Raises KeyError for a name that is not deprecated.
    """
    entry = NAMES[name]
    message = entry.words(f"portal.api.{name}")
    warnings.warn(message, PortalDeprecationWarning, stacklevel=3)
    return entry.use


def warn_of_hook(hook: str, function: Callable[..., Any]) -> None:
    """Warn, at the function itself, of a deprecated hook or argument that it uses."""
    asked = [(HOOKS.get(hook), hook)]
    for argument in inspect.signature(function).parameters:
        asked.append((ARGUMENTS.get((hook, argument)), f"{hook}({argument})"))
    for entry, what in asked:
        if entry is not None:
            code = inspect.unwrap(function).__code__
            warnings.warn_explicit(
                entry.words(what),
                PortalDeprecationWarning,
                filename=code.co_filename,
                lineno=code.co_firstlineno,
                module=function.__module__,
            )
