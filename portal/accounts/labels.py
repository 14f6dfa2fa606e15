"""What readers see instead of the names in the database."""

from __future__ import annotations

from kb.problems import N_
from portal.accounts.models import Role

ROLES: dict[Role, str] = {
    Role.READER: N_("读者"),
    Role.AUTHOR: N_("作者"),
    Role.REVIEWER: N_("审核"),
    Role.PMSO: N_("软件官"),
    Role.ADMIN: N_("管理员"),
}
