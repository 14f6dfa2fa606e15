"""公司账号：sign in with the name and password of the company's LDAP directory."""

from __future__ import annotations

from collections.abc import Iterable

from plugins.auth_ldap.config import LdapConfig
from portal.api import (
    N_,
    AuthProvider,
    HealthCheck,
    Identity,
    PluginContext,
    PluginManifest,
    Problem,
    hookimpl,
)

manifest = PluginManifest(
    name="auth_ldap",
    title=N_("LDAP 登录"),
    summary=N_("用公司 LDAP 或 Active Directory 的用户名和密码登录"),
    category="tool",
    config=LdapConfig,
)


def authenticate(ctx: PluginContext, name: str, password: str) -> Identity | None:
    """Ask the directory."""
    from plugins.auth_ldap import directory

    return directory.authenticate(ctx.config, name, password)


def check(ctx: PluginContext) -> Iterable[Problem]:
    """Can the directory be reached and searched?"""
    from plugins.auth_ldap import directory

    return directory.health(ctx.config)


@hookimpl
def portal_auth_providers(ctx: PluginContext) -> list[AuthProvider]:
    """The directory, when a server is set."""
    return [AuthProvider("ldap", ctx.config.title, authenticate)] if ctx.config.url else []


@hookimpl
def portal_health_checks(ctx: PluginContext) -> list[HealthCheck]:
    """The way to the directory, when a server is set."""
    return [HealthCheck("directory", N_("LDAP 服务器"), check)] if ctx.config.url else []
