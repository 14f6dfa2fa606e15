"""公告: dated news with a field for whom it concerns and from when it holds."""

from __future__ import annotations

from portal.api import N_, ContentField, ContentKind, PluginContext, PluginManifest, hookimpl

manifest = PluginManifest(
    name="announcement",
    title=N_("公告"),
    summary=N_("一种新的文章：公告，写明适用范围和生效日期"),
    category="content",
)


@hookimpl
def portal_content_kinds(ctx: PluginContext) -> list[ContentKind]:
    """The kind 公告 at ``/announcements/…``."""
    return [
        ContentKind(
            name="announcement",
            label=N_("公告"),
            prefix="announcements",
            mark="告",
            description=N_("制度变动、活动和停机通知"),
            fields=(
                ContentField("audience", N_("适用范围"), help=N_("例如：研发中心全体")),
                ContentField("effective", N_("生效日期"), help=N_("例如：2026-12-01")),
            ),
            order=60,
        )
    ]
