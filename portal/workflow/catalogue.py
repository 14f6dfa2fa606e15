"""The catalogue of workflow steps: what a flow can be built of."""

from __future__ import annotations

import json
from dataclasses import dataclass

from portal.accounts.models import User
from portal.contributions import LearningLink, WorkflowStepKind
from portal.library.service import leading, readable
from portal.plugin_host import host
from portal.plugin_host.collecting import Collected
from portal.plugin_host.forms import FormField, form_fields

HOOK = "portal_workflow_step_kinds"


@dataclass(frozen=True)
class StepPage:
    """A step kind with its settings spelt out; `example` is JSON text."""

    kind: WorkflowStepKind
    plugin: str
    fields: tuple[FormField, ...]
    example: str
    learn: tuple[LearningLink, ...]


def catalogue() -> tuple[WorkflowStepKind, ...]:
    """Every step kind, in the order of their plugins."""
    return host().step_kinds()


def runnable() -> dict[str, Collected]:
    """Name → kind of step that can be done: by somebody, or by itself."""
    return {
        one.item.name: one
        for one in host().collected(HOOK)
        if one.item.human or one.item.enter is not None
    }


def step_page(name: str, user: User | None) -> StepPage | None:
    """The page of the step kind `name` for `user`; None when there is none."""
    kind = next((one for one in catalogue() if one.name == name), None)
    if kind is None:
        return None
    plugin = host().origin(HOOK, name)
    return StepPage(
        kind,
        plugin.title if plugin else "",
        form_fields(kind.config_model, {}),
        json.dumps(dict(kind.example), ensure_ascii=False, indent=2),
        leading(kind.learn, readable(kind.learn, user)),
    )
