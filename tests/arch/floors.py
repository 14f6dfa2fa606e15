"""Which floor may know of which: kb ← portal ← plugins, and the portal's foundation ← its rooms."""

from __future__ import annotations

from collections.abc import Iterator

from portal.factory import ROOMS
from tests.arch.sources import Source, at, imports

WEB = frozenset(
    {
        "alembic",
        "click",
        "flask",
        "flask_babel",
        "flask_login",
        "flask_sqlalchemy",
        "flask_wtf",
        "granian",
        "pluggy",
        "sqlalchemy",
        "werkzeug",
        "wtforms",
    }
)

FOUNDATION_MAY = {
    # Foundation module → what it may know of the rooms, and why.
    "portal.factory": "puts the rooms together",
    "portal.plugin_host": "gives plugins their view of library and accounts, by the rooms' doors",
    "portal.testing": "signs people in for the tests of plugins",
}


def kb_looks_up(source: Source) -> Iterator[str]:
    """The engine room knows neither the portal nor the web nor the database."""
    for item in imports(source):
        if item.root in WEB | {"portal", "plugins", "migrations"}:
            yield at(source, item.line, f"kb imports {item.dotted}")


def portal_knows_plugins(source: Source) -> Iterator[str]:
    """Bundled plugins are dotted names in one tuple; the portal never imports them."""
    for item in imports(source):
        if item.root == "plugins":
            yield at(source, item.line, f"portal imports {item.dotted}")


def plugin_reaches_in(source: Source) -> Iterator[str]:
    """A plugin sees portal.api, the public names of kb, and itself."""
    own = ".".join(source.module.split(".")[:2])
    for item in imports(source):
        if item.root == "portal":
            fine = item.module == "portal.api" or (item.module, item.name) == ("portal", "api")
        elif item.root == "plugins":
            fine = f"{item.dotted}.".startswith(f"{own}.")
        elif item.root == "kb":
            fine = not any(part.startswith("_") for part in item.dotted.split("."))
        else:
            fine = item.root != "migrations"
        if not fine:
            yield at(source, item.line, f"a plugin imports {item.dotted}")


def foundation_knows_rooms(source: Source) -> Iterator[str]:
    """What every room stands on knows none of them."""
    parts = source.module.split(".")
    if len(parts) < 2 or parts[1] in ROOMS or parts[1] == "cli":
        return
    if ".".join(parts[:2]) in FOUNDATION_MAY:
        return
    for item in imports(source):
        seen = item.dotted.split(".")
        if seen[0] == "portal" and len(seen) > 1 and seen[1] in ROOMS:
            yield at(source, item.line, f"the foundation imports the room {item.dotted}")
