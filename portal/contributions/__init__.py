"""What plugins give: frozen dataclasses, checked by the host, handed to the rooms.

One module a subject; import everything from here.
"""

from __future__ import annotations

from portal.contributions.connectors import (
    CheckResult,
    Connector,
    ConnectorKind,
    Entity,
    EntityReport,
    Pulled,
)
from portal.contributions.content import (
    CORE_KINDS,
    ContentField,
    ContentKind,
    ContentSource,
    Importer,
    MarkdownExtension,
    SearchEngineKind,
    Shortcut,
)
from portal.contributions.events import (
    ArticleView,
)
from portal.contributions.pages import (
    PUBLIC,
    SLOTS,
    DashboardWidget,
    NavigationItem,
    Permission,
    PluginBlueprint,
    ReportBlock,
    ReportTable,
    Role,
    TemplateSlot,
    Viewer,
)
from portal.contributions.people import (
    AuthProvider,
    Identity,
    LoginView,
    Message,
    NotificationChannel,
)
from portal.contributions.project import (
    Deduction,
    HealthSignal,
    PlannedTask,
    ProjectView,
)
from portal.contributions.tools import (
    CliCommand,
    HealthCheck,
    ScheduledJob,
)
from portal.contributions.workflow import (
    Done,
    Outcome,
    Retry,
    StepResult,
    StepRun,
    StepView,
    Wait,
    WorkflowStepKind,
)
from portal.project_template import (
    LearningLink,
    ProjectTemplate,
    TaskLink,
    TemplatePhase,
    TemplateRole,
    TemplateTask,
)

__all__ = [
    "CORE_KINDS",
    "PUBLIC",
    "SLOTS",
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
    "LoginView",
    "MarkdownExtension",
    "Message",
    "NavigationItem",
    "NotificationChannel",
    "Outcome",
    "Permission",
    "PlannedTask",
    "PluginBlueprint",
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
]
