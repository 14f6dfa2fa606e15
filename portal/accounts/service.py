"""The door to the accounts room: what other rooms and commands may use."""

from __future__ import annotations

from portal.accounts.audit import audit, entries
from portal.accounts.models import OrgUnit, Role, User
from portal.accounts.people import (
    add_user,
    admins,
    all_users,
    change_user,
    find,
    first_admin,
    needs_own_password,
    reset_by_link,
    save_unit,
    set_password,
    sign_in,
    unit_tree,
    units,
    units_above,
    user_by_id,
)
from portal.accounts.providers import title_of as provider_title
from portal.accounts.tokens import (
    FIRST_ADMIN,
    RESET,
    new_api_token,
    new_link,
    open_session,
    revoke_sessions,
    session_user,
    token_user,
)

__all__ = [
    "FIRST_ADMIN",
    "RESET",
    "OrgUnit",
    "Role",
    "User",
    "add_user",
    "admins",
    "all_users",
    "audit",
    "change_user",
    "entries",
    "find",
    "first_admin",
    "needs_own_password",
    "new_api_token",
    "new_link",
    "open_session",
    "provider_title",
    "reset_by_link",
    "revoke_sessions",
    "save_unit",
    "session_user",
    "set_password",
    "sign_in",
    "token_user",
    "unit_tree",
    "units",
    "units_above",
    "user_by_id",
]
