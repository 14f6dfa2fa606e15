"""What went wrong, in words a person can act on.

Everything the engine room refuses or finds wanting is a `Problem`: a stable code, a Chinese
sentence, the next step, and where it was seen. Messages are gettext source strings with named
placeholders, so that the portal can translate the template before the values go in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def N_(message: str) -> str:  # noqa: N802 - the name gettext extractors look for
    """Mark `message` for translation and give it back unchanged."""
    return message


@dataclass(frozen=True)
class Problem:
    """One finding.

    `code` is a documented code such as ``JS-2001``; `message` and `remedy` are source strings
    (zh_CN) with ``%(name)s`` placeholders filled from `params`; `where` names the file (and line)
    relative to what was imported; `severity` is ``"error"`` (refused) or ``"warning"`` (came in,
    but look at it).
    """

    code: str
    message: str
    remedy: str
    where: str = ""
    severity: str = "error"
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The Chinese sentence with its values."""
        return self.message % self.params if self.params else self.message

    def next_step(self) -> str:
        """The Chinese remedy with its values."""
        return self.remedy % self.params if self.params else self.remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"[{self.code}] {place}{self.text()} → {self.next_step()}"


class ProblemError(Exception):
    """Raised when work on one thing cannot go on; carries the `Problem` that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
