"""Who a viewer is, and what he may do in a plugin."""

from __future__ import annotations

from portal.accounts.models import Role, User
from portal.contributions import Viewer


def viewer_of(user: User | None) -> Viewer:
    """What a widget may know of `user`."""
    if user is None:
        return Viewer()
    return Viewer(user.id, user.name, user.display_name or user.name, user.role.value)


def may(plugin: str, permission: str, viewer: Viewer) -> bool:
    """Has `viewer` the role that the plugin's permission needs? An unknown permission: False."""
    from portal.plugin_host import host

    found = host().collected("portal_permissions")
    wanted = next(
        (one.item for one in found if one.plugin == plugin and one.item.name == permission), None
    )
    if wanted is None or not viewer.role:
        return False
    owner = host().plugin(plugin)
    role = (owner.roles.get(permission) if owner else None) or wanted.role
    return Role(viewer.role).at_least(Role(role))
