"""Contributes the template 培训活动."""

from __future__ import annotations

from plugins.template_training.template import TEMPLATE
from portal.api import N_, PluginContext, PluginManifest, ProjectTemplate, hookimpl

manifest = PluginManifest(
    name="template_training",
    title=N_("模板：培训活动"),
    summary=N_("一次培训从问清需求到两周后回访"),
    category="project",
)


@hookimpl
def portal_project_templates(ctx: PluginContext) -> list[ProjectTemplate]:
    """One template."""
    return [TEMPLATE]
