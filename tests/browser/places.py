"""The pages that are looked at, and by whom."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A page: `path`, or where one gets from there by the links in `then`.

    Each of these is an address with ``*`` for a part of it: the first link like it is followed.
    """

    name: str
    path: str
    role: str = ""
    then: tuple[str, ...] = ()
    status: int = 200


READING = (
    Place("home", "/"),
    Place("list", "/faq/"),
    Place("faq", "/faq/search-tips"),
    Place("tutorial", "/tutorials/wbs-basics"),
    Place("troubleshooting", "/troubleshooting/port-in-use"),
    Place("case", "/cases/sim-wip-limit"),
    Place("series", "/tutorials/wbs-basics", then=("/series/*",)),
    Place("tag", "/tutorials/wbs-basics", then=("/tags/*",)),
    Place("manual", "/manuals/everything"),
    Place("search", "/search?q=里程碑"),
    Place("nothing-found", "/search?q=zzqqxxvv"),
    Place("search-empty", "/search"),
    Place("login", "/login"),
    Place("not-found", "/no/such/page", status=404),
    Place("templates", "/templates"),
    Place("template", "/templates", then=("/templates/*",)),
    Place("steps", "/steps"),
    Place("step", "/steps", then=("/steps/*",)),
)

DESKS = (
    Place("home-signed-in", "/", "reader"),
    Place("faq-signed-in", "/faq/search-tips", "reader"),
    Place("account", "/account", "reader"),
    Place("desk", "/desk", "author"),
    Place("editor-new", "/editor/new", "author"),
    Place("editor-case", "/editor/new?kind=case", "author"),
    Place("editor", "/faq/search-tips", "reviewer", ("/editor/*",)),
    Place("history", "/faq/search-tips", "reviewer", ("/editor/*", "/editor/*/history")),
    Place(
        "revision",
        "/faq/search-tips",
        "reviewer",
        ("/editor/*", "/editor/*/history", "/editor/*/revisions/*"),
    ),
    Place("feedback", "/feedback/", "pmso"),
    Place("connectors", "/connectors", "pmso"),
    Place("connector", "/connectors", "pmso", ("/connectors/*",)),
    Place("admin", "/admin/", "admin"),
    Place("admin-users", "/admin/users", "admin"),
    Place("admin-user", "/admin/users", "admin", ("/admin/users/*",)),
    Place("admin-units", "/admin/units", "admin"),
    Place("admin-spaces", "/admin/spaces", "admin"),
    Place("admin-space", "/admin/spaces", "admin", ("/admin/spaces/*",)),
    Place("admin-audit", "/admin/audit", "admin"),
    Place("admin-plugins", "/admin/plugins", "admin"),
    Place("admin-plugin", "/admin/plugins", "admin", ("/admin/plugins/*",)),
    Place("admin-plugin-form", "/admin/plugins/notify_mail", "admin"),
    Place("admin-plugin-rights", "/admin/plugins/activity", "admin"),
    Place("admin-hooks", "/admin/hooks", "admin"),
    Place("admin-jobs", "/admin/jobs", "admin"),
    Place("admin-deliveries", "/admin/deliveries", "admin"),
    Place("template-start", "/templates/software_release", "pmso"),
    Place("projects", "/projects", "reader"),
    Place("reports", "/reports", "pmso"),
    Place("notifications", "/notifications", "reader"),
    Place("plugin-page", "/x/activity/", "pmso"),
    Place("plugin-guide", "/manuals/plugins/pages", "reader"),
)

EVERYWHERE = READING + DESKS
