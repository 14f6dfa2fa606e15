"""Contributes the template 软件研发."""

from __future__ import annotations

from plugins.template_software.template import TEMPLATE
from portal.api import N_, PluginContext, PluginManifest, ProjectTemplate, hookimpl

manifest = PluginManifest(
    name="template_software",
    title=N_("模板：软件研发"),
    summary=N_("启动、设计、开发与测试、上线、收尾，三十来项任务"),
    category="project",
)


@hookimpl
def portal_project_templates(ctx: PluginContext) -> list[ProjectTemplate]:
    """One template."""
    return [TEMPLATE]
