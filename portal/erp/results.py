"""A check's result as JSON and back, so that it can be shown in whatever language later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.problems import Problem
from portal.contributions import CheckResult, EntityReport


def pack(result: CheckResult) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "problems": [pack_problem(problem) for problem in result.problems],
        "entities": [
            {
                "name": entity.name,
                "title": entity.title,
                "rows": entity.rows,
                "detail": entity.detail,
                "problems": [pack_problem(problem) for problem in entity.problems],
            }
            for entity in result.entities
        ],
    }


def unpack(data: Mapping[str, Any]) -> CheckResult | None:
    """The result kept in `data`; None when there is none."""
    if not data:
        return None
    return CheckResult(
        problems=tuple(Problem(**problem) for problem in data["problems"]),
        entities=tuple(
            EntityReport(
                name=entity["name"],
                title=entity["title"],
                rows=entity["rows"],
                detail=entity["detail"],
                problems=tuple(Problem(**problem) for problem in entity["problems"]),
            )
            for entity in data["entities"]
        ),
    )


def pack_problem(problem: Problem) -> dict[str, Any]:
    """A problem as plain JSON values that can be shown, whatever a plugin has put into it."""
    return {
        "code": _shown(problem.code),
        "message": _shown(problem.message),
        "remedy": _shown(problem.remedy),
        "where": _shown(problem.where),
        "severity": _shown(problem.severity),
        "params": {
            key: value if isinstance(value, int | float) else _shown(value)
            for key, value in problem.params.items()
        },
    }


def unpack_problem(data: Mapping[str, Any]) -> Problem | None:
    """The problem kept in `data`; None when there is none."""
    return Problem(**data) if data else None


def _shown(value: object) -> str:
    """As text. File names may hold bytes that are no characters: those become question marks."""
    return str(value).encode("utf-8", "replace").decode("utf-8")
