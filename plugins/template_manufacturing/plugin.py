"""Contributes the template 制造业新产品."""

from __future__ import annotations

from plugins.template_manufacturing.template import TEMPLATE
from portal.api import N_, PluginContext, PluginManifest, ProjectTemplate, hookimpl

manifest = PluginManifest(
    name="template_manufacturing",
    title=N_("模板：制造业新产品"),
    summary=N_("立项、采购、排程、试产、验收、移交，四十来项任务"),
    category="project",
)


@hookimpl
def portal_project_templates(ctx: PluginContext) -> list[ProjectTemplate]:
    """One template."""
    return [TEMPLATE]
