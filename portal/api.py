"""The facade for plugin authors: import from here (and from `kb`), from nowhere else in `portal`.

`__all__` is the contract; `API_VERSION` changes with it: the second number when something is
added, the first when something is taken away. A plugin says in its manifest what it works with.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from kb.markup.model import MarkupExtension
from kb.problems import N_, Problem, ProblemError
from portal.contributions import (
    ArticleView,
    CheckResult,
    CliCommand,
    Connector,
    ConnectorKind,
    ContentField,
    ContentKind,
    DashboardWidget,
    Entity,
    EntityReport,
    LearningLink,
    MarkdownExtension,
    NavigationItem,
    Outcome,
    ProjectTemplate,
    Pulled,
    TaskLink,
    TemplatePhase,
    TemplateRole,
    TemplateTask,
    Viewer,
    WorkflowStepKind,
)
from portal.hookspecs import hookimpl
from portal.i18n import translate
from portal.plugin_host.context import ArticleSummary, LibraryView, PluginContext
from portal.plugin_host.manifest import API_VERSION, PluginManifest

__all__ = [
    "API_VERSION",
    "N_",
    "ArticleSummary",
    "ArticleView",
    "CheckResult",
    "CliCommand",
    "Connector",
    "ConnectorKind",
    "ContentField",
    "ContentKind",
    "DashboardWidget",
    "Entity",
    "EntityReport",
    "LearningLink",
    "LibraryView",
    "MarkdownExtension",
    "Markup",
    "MarkupExtension",
    "NavigationItem",
    "Outcome",
    "PluginContext",
    "PluginManifest",
    "Problem",
    "ProblemError",
    "ProjectTemplate",
    "Pulled",
    "TaskLink",
    "TemplatePhase",
    "TemplateRole",
    "TemplateTask",
    "Viewer",
    "WorkflowStepKind",
    "escape",
    "hookimpl",
    "translate",
]
