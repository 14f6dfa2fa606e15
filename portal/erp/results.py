"""A check's result as JSON and back, so that it can be shown in whatever language later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.problems import Problem
from portal.contributions import CheckResult, EntityReport


def pack(result: CheckResult) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "problems": [_pack_problem(problem) for problem in result.problems],
        "entities": [
            {
                "name": entity.name,
                "title": entity.title,
                "rows": entity.rows,
                "detail": entity.detail,
                "problems": [_pack_problem(problem) for problem in entity.problems],
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


def _pack_problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "message": problem.message,
        "remedy": problem.remedy,
        "where": problem.where,
        "severity": problem.severity,
        "params": {
            key: value if isinstance(value, int | float) else str(value)
            for key, value in problem.params.items()
        },
    }
