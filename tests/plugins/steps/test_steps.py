"""What the settings of the basic steps accept and refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from plugins.steps_basic.plugin import KINDS
from portal.api import WorkflowStepKind

BY_NAME = {kind.name: kind for kind in KINDS}
CONTENT = Path(__file__).parents[3] / "content"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_explains_itself(kind: WorkflowStepKind) -> None:
    assert kind.config_model.model_validate(dict(kind.example))
    for name, field in kind.config_model.model_fields.items():
        assert field.title, f"{kind.name}.{name} has no title"
    names = [outcome.name for outcome in kind.outcomes]
    assert names and len(set(names)) == len(names)
    for link in kind.learn:
        assert (CONTENT / f"{link.url.strip('/')}.md").is_file(), link.url


def test_all_the_kinds_there_should_be() -> None:
    assert list(BY_NAME) == [
        "form",
        "approval",
        "checklist",
        "notify",
        "condition",
        "parallel",
        "timer",
        "training_gate",
    ]


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("approval", {"approvers": []}, "approvers"),
        ("approval", {"approvers": ["老王"]}, "approvers"),
        ("approval", {"mode": "some"}, "mode"),
        ("approval", {"mode": "any", "quorum": 2}, "会签"),
        ("approval", {"approvers": ["user:a", "user:b"], "quorum": 3}, "比审批人还多"),
        ("approval", {"on_reject": "count"}, "几票"),
        ("approval", {"timeout_hours": 0}, "timeout_hours"),
        ("approval", {"colour": "red"}, "colour"),
        ("form", {"fields": []}, "fields"),
        ("form", {"fields": [{"name": "a", "label": "a"}, {"name": "a", "label": "b"}]}, "同一个"),
        ("form", {"fields": [{"name": "a", "label": "a", "type": "choice"}]}, "选项"),
        ("form", {"fields": [{"name": "A!", "label": "a"}]}, "name"),
        ("checklist", {"items": []}, "items"),
        ("notify", {"to": []}, "to"),
        ("notify", {"subject": ""}, "subject"),
        ("condition", {"branches": []}, "branches"),
        ("parallel", {"branches": ["一个"]}, "branches"),
        ("parallel", {"join": "count"}, "count"),
        ("parallel", {"join": "count", "count": 4}, "比分出去的还多"),
        ("parallel", {"count": 1}, "count"),
        ("timer", {"until_field": "due"}, "只能写一个"),
        ("timer", {"hours": None}, "要写一个"),
        ("timer", {"hours": -1}, "hours"),
        ("training_gate", {"articles": ["https://elsewhere"]}, "articles"),
    ],
)
def test_settings_that_make_no_sense(kind: str, change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        BY_NAME[kind].config_model.model_validate({**BY_NAME[kind].example, **change})


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("approval", {"approvers": ["role:采购经理"], "quorum": 3, "on_reject": "count"}),
        ("approval", {"mode": "sequence", "on_timeout": "escalate"}),
        ("timer", {"hours": None, "until_field": "due"}),
        ("parallel", {"join": "count", "count": 2}),
    ],
)
def test_settings_that_do(kind: str, change: dict[str, Any]) -> None:
    BY_NAME[kind].config_model.model_validate({**BY_NAME[kind].example, **change})
