"""What each collecting hook may return, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from kb.problems import N_, Problem
from portal.contributions import (
    CORE_KINDS,
    SLOTS,
    AuthProvider,
    CliCommand,
    ConnectorKind,
    ContentKind,
    ContentSource,
    DashboardWidget,
    HealthCheck,
    HealthSignal,
    Importer,
    MarkdownExtension,
    NavigationItem,
    NotificationChannel,
    Permission,
    PluginBlueprint,
    ProjectTemplate,
    ReportBlock,
    ScheduledJob,
    SearchEngineKind,
    TemplateSlot,
    WorkflowStepKind,
)
from portal.plugin_host.config import is_secret, validate
from portal.plugin_host.shape import mistyped

_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_REMEDY = N_("请插件作者改正；同一插件的其余部分照常可用")


@dataclass(frozen=True)
class Collected:
    """A contribution and the plugin it came from."""

    plugin: str
    item: Any


@dataclass(frozen=True)
class Collecting:
    """A collecting hook: the type of its items, and what else must hold."""

    accepts: type
    per_plugin: bool = False
    """Names need only be unique within a plugin."""
    check: Callable[[Any], str | None] = field(default=lambda _item: None)
    """What is wrong with an item, for its author; None: nothing."""


def _content_kind(item: ContentKind) -> str | None:
    if not _NAME.fullmatch(item.prefix):
        return f"prefix {item.prefix!r}"
    if len(item.mark) != 1:
        return f"mark {item.mark!r} is not one character"
    return None


def _models(item: ConnectorKind | WorkflowStepKind) -> str | None:
    model: object = item.config_model  # whatever the author wrote
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return "config_model is not a pydantic model"
    return None


def _step(item: WorkflowStepKind) -> str | None:
    wrong = _models(item)
    if wrong is None and any(
        is_secret(item.config_model, one) for one in item.config_model.model_fields
    ):
        wrong = "a step keeps no secrets: put them into the plugin's own settings"
    if wrong is None and not item.outcomes:
        return "a step needs at least one outcome"
    if wrong is None:
        _made, problems = validate(item.config_model, item.example, item.name)
        wrong = next((f"example, {one.where}: {one.text()}" for one in problems), None)
    return wrong


def _connector(item: ConnectorKind) -> str | None:
    for name in ("check", "discover", "pull"):
        if not callable(getattr(item.connector, name, None)):
            return f"connector has no {name}()"
    return _models(item)


def _importer(item: Importer) -> str | None:
    good = all(suffix.startswith(".") and suffix == suffix.lower() for suffix in item.suffixes)
    return None if item.suffixes and good else f"suffixes {item.suffixes!r} are not like ('.rst',)"


def _blueprint(item: PluginBlueprint) -> str | None:
    if not item.permission:
        return "permission is missing: name one of the plugin's own, or say PUBLIC"
    return None


def _slot(item: TemplateSlot) -> str | None:
    return None if item.slot in SLOTS else f"slot {item.slot!r} is none of {', '.join(SLOTS)}"


def _permission(item: Permission) -> str | None:
    return None if item.role else "a permission needs a role"


def _job(item: ScheduledJob) -> str | None:
    if item.at and not _CLOCK.fullmatch(item.at):
        return f"at {item.at!r} is not a time like 03:30"
    return None if item.at or item.every_minutes > 0 else "every_minutes must be 1 or more"


def _command(item: CliCommand) -> str | None:
    import click

    return None if isinstance(item.command, click.Command) else "command is not a click command"


HOOKS: Mapping[str, Collecting] = {
    "portal_markdown_extensions": Collecting(MarkdownExtension),
    "portal_content_kinds": Collecting(ContentKind, check=_content_kind),
    "portal_content_sources": Collecting(ContentSource),
    "portal_importers": Collecting(Importer, check=_importer),
    "portal_search_engines": Collecting(SearchEngineKind),
    "portal_project_templates": Collecting(ProjectTemplate),
    "portal_health_signals": Collecting(HealthSignal),
    "portal_workflow_step_kinds": Collecting(WorkflowStepKind, check=_step),
    "portal_erp_connectors": Collecting(ConnectorKind, check=_connector),
    "portal_navigation": Collecting(NavigationItem),
    "portal_dashboard_widgets": Collecting(DashboardWidget),
    "portal_template_slots": Collecting(TemplateSlot, per_plugin=True, check=_slot),
    "portal_permissions": Collecting(Permission, per_plugin=True, check=_permission),
    "portal_blueprints": Collecting(PluginBlueprint, per_plugin=True, check=_blueprint),
    "portal_report_blocks": Collecting(ReportBlock),
    "portal_auth_providers": Collecting(AuthProvider),
    "portal_notification_channels": Collecting(NotificationChannel),
    "portal_cli_commands": Collecting(CliCommand, per_plugin=True, check=_command),
    "portal_scheduled_jobs": Collecting(ScheduledJob, per_plugin=True, check=_job),
    "portal_health_checks": Collecting(HealthCheck, per_plugin=True),
}


def sort_out(
    hook: str, plugin: str, items: Iterable[object], taken: Iterable[Collected], reserved: set[str]
) -> tuple[list[Collected], list[Problem]]:
    """The items of one plugin that may stay, and a Problem for each that may not.

    `taken` are the contributions of plugins before it; `reserved` are first parts of addresses
    that the portal uses itself.
    """
    rule = HOOKS[hook]
    kept: list[Collected] = []
    problems: list[Problem] = []
    owners = _owners(hook, rule, plugin, taken)
    for item in items:
        problem = _refusal(hook, rule, plugin, item, reserved)
        if problem is None:
            keys = _keys(item)
            clash = next((key for key in keys if key in owners), None)
            if clash is None:
                owners |= dict.fromkeys(keys, plugin)
                kept.append(Collected(plugin, item))
                continue
            problem = _duplicate(hook, plugin, clash, owners[clash])
        problems.append(problem)
    return kept, problems


def _keys(item: Any) -> list[str]:
    keys = [str(item.name)]
    if isinstance(item, ContentKind):
        keys.append(f"/{item.prefix}/")
    return keys


def _owners(hook: str, rule: Collecting, plugin: str, taken: Iterable[Collected]) -> dict[str, str]:
    owners = {
        key: one.plugin
        for one in taken
        if not rule.per_plugin or one.plugin == plugin
        for key in _keys(one.item)
    }
    if hook == "portal_content_kinds":
        owners |= {key: "" for kind in CORE_KINDS for key in _keys(kind)}
    return owners


def _refusal(
    hook: str, rule: Collecting, plugin: str, item: object, reserved: set[str]
) -> Problem | None:
    if not isinstance(item, rule.accepts):
        return Problem(
            "JS-4001",
            N_("插件 %(plugin)s 的 %(hook)s 返回了 %(found)s，应当是 %(wanted)s"),
            _REMEDY,
            params={
                "plugin": plugin,
                "hook": hook,
                "found": type(item).__name__,
                "wanted": rule.accepts.__name__,
            },
        )
    name = getattr(item, "name", "")
    wrong = None if isinstance(name, str) and _NAME.fullmatch(name) else f"name {name!r}"
    wrong = wrong or mistyped(item) or rule.check(item)
    if wrong is None and isinstance(item, ContentKind) and item.prefix in reserved:
        wrong = f"address /{item.prefix}/ is taken by the portal"
    if wrong is None:
        return None
    return Problem(
        "JS-4001",
        N_("插件 %(plugin)s 的 %(hook)s 里 %(name)s 不能用：%(wrong)s"),
        _REMEDY,
        params={"plugin": plugin, "hook": hook, "name": name, "wrong": wrong},
    )


def _duplicate(hook: str, plugin: str, key: str, owner: str) -> Problem:
    params = {"plugin": plugin, "hook": hook, "name": key, "owner": owner}
    if not owner:
        message = N_("插件 %(plugin)s 的 %(name)s 与门户自带的重名，没有采用")
    elif owner == plugin:
        message = N_("插件 %(plugin)s 自己提供了两个 %(name)s，第二个没有采用")
    else:
        message = N_("插件 %(plugin)s 的 %(name)s 已由插件 %(owner)s 提供，没有采用")
    remedy = N_("停用其中一个插件，或请作者改名")
    return Problem("JS-4001", message, remedy, params=params)
