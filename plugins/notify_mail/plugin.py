"""Messages by mail, over any SMTP server."""

from __future__ import annotations

from collections.abc import Iterator

from plugins.notify_mail.config import MailConfig
from plugins.notify_mail.mail import connected, send
from portal.api import (
    N_,
    HealthCheck,
    NotificationChannel,
    PluginContext,
    PluginManifest,
    Problem,
    ProblemError,
    hookimpl,
)

manifest = PluginManifest(
    name="notify_mail",
    title=N_("邮件通知"),
    summary=N_("把消息也发到各人的邮箱；填了邮件服务器才开始"),
    category="tool",
    config=MailConfig,
)


@hookimpl
def portal_notification_channels(ctx: PluginContext) -> list[NotificationChannel]:
    """The channel, once there is a server."""
    return [NotificationChannel("mail", N_("邮件"), send)] if ctx.config.host else []


@hookimpl
def portal_health_checks(ctx: PluginContext) -> list[HealthCheck]:
    """Whether the server answers and lets us in."""
    return [HealthCheck("server", N_("邮件服务器"), check)] if ctx.config.host else []


def check(ctx: PluginContext) -> Iterator[Problem]:
    """Connect, greet and sign in, send nothing."""
    try:
        with connected(ctx.config):
            pass
    except ProblemError as error:
        yield error.problem
