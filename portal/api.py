"""The facade for plugin authors: import from here (and from `kb`), from nowhere else in `portal`.

`__all__` is the contract; `API_VERSION` changes with it: the second number when something is
added, the first when something is taken away. A plugin says in its manifest what it works with.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from kb.markup.model import MarkupExtension
from kb.problems import N_, Problem, ProblemError
from portal import deprecations
from portal.contributions import (
    PUBLIC,
    SLOTS,
    ArticleView,
    AuthProvider,
    CheckResult,
    CliCommand,
    Connector,
    ConnectorKind,
    ContentField,
    ContentKind,
    ContentSource,
    DashboardWidget,
    Deduction,
    Done,
    Entity,
    EntityReport,
    HealthCheck,
    HealthSignal,
    Identity,
    Importer,
    LearningLink,
    LoginView,
    MarkdownExtension,
    Message,
    NavigationItem,
    NotificationChannel,
    Outcome,
    Permission,
    PlannedTask,
    PluginBlueprint,
    ProjectTemplate,
    ProjectView,
    Pulled,
    ReportBlock,
    ReportTable,
    Retry,
    Role,
    ScheduledJob,
    SearchEngineKind,
    Shortcut,
    StepResult,
    StepRun,
    StepView,
    TaskLink,
    TemplatePhase,
    TemplateRole,
    TemplateSlot,
    TemplateTask,
    Viewer,
    Wait,
    WorkflowStepKind,
)
from portal.db import utcnow, write
from portal.hookspecs import hookimpl
from portal.i18n import translate
from portal.plugin_host.context import ArticleSummary, LibraryView, PluginContext
from portal.plugin_host.manifest import API_VERSION, PluginManifest
from portal.plugin_host.tables import CORE_TABLES, plugin_tables, session

__all__ = [
    "API_VERSION",
    "CORE_TABLES",
    "N_",
    "PUBLIC",
    "SLOTS",
    "ArticleSummary",
    "ArticleView",
    "AuthProvider",
    "CheckResult",
    "CliCommand",
    "Connector",
    "ConnectorKind",
    "ContentField",
    "ContentKind",
    "ContentSource",
    "DashboardWidget",
    "Deduction",
    "Done",
    "Entity",
    "EntityReport",
    "HealthCheck",
    "HealthSignal",
    "Identity",
    "Importer",
    "LearningLink",
    "LibraryView",
    "LoginView",
    "MarkdownExtension",
    "Markup",
    "MarkupExtension",
    "Message",
    "NavigationItem",
    "NotificationChannel",
    "Outcome",
    "Permission",
    "PlannedTask",
    "PluginBlueprint",
    "PluginContext",
    "PluginManifest",
    "Problem",
    "ProblemError",
    "ProjectTemplate",
    "ProjectView",
    "Pulled",
    "ReportBlock",
    "ReportTable",
    "Retry",
    "Role",
    "ScheduledJob",
    "SearchEngineKind",
    "Shortcut",
    "StepResult",
    "StepRun",
    "StepView",
    "TaskLink",
    "TemplatePhase",
    "TemplateRole",
    "TemplateSlot",
    "TemplateTask",
    "Viewer",
    "Wait",
    "WorkflowStepKind",
    "escape",
    "hookimpl",
    "plugin_tables",
    "session",
    "translate",
    "utcnow",
    "write",
]


def __getattr__(name: str) -> Any:
    """Names on their way out, with a warning at the author's own line."""
    if name not in deprecations.NAMES:
        raise AttributeError(f"portal.api has no {name}")
    return globals()[deprecations.warn_of_name(name)]
