"""Contributes the template 项目管理软件上线推广."""

from __future__ import annotations

from plugins.template_rollout.template import TEMPLATE
from portal.api import N_, PluginContext, PluginManifest, ProjectTemplate, hookimpl

manifest = PluginManifest(
    name="template_rollout",
    title=N_("模板：项目管理软件上线推广"),
    summary=N_("软件官自己的项目：诊断、试点、配置、导入、培训、推广"),
    category="project",
)


@hookimpl
def portal_project_templates(ctx: PluginContext) -> list[ProjectTemplate]:
    """One template."""
    return [TEMPLATE]
