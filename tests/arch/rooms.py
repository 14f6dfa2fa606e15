"""How rooms are entered, and what views and services leave alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from portal.factory import ROOMS
from tests.arch.sources import ROOT, Import, Source, at, imports

DOORS = {
    # Every room: its service, and its tables for foreign keys, joins and type annotations.
    "": {"service", "models"},
    # Every page asks who is reading and who may; both need the request, so neither is a service.
    "accounts": {"guard", "identity", "labels"},
    # The same for pages that show content: may he read at all, may this page be kept.
    "library": {"blueprint", "page_cache"},
}

SIDE_DOORS = {
    # (who, which module) → why it does not take the door.
    (
        "portal.plugin_host",
        "portal.library.kinds",
    ): "kinds ask the host, below the service",
    ("portal.plugin_host", "portal.library.visibility"): "the same circle",
    ("portal.plugin_host", "portal.library.outbox"): "the same circle",
    ("portal.cli.search", "portal.rest.views"): "prints the API's JSON; its shape is written once",
}

HTTP = frozenset({"blueprint", "guard", "identity", "forms", "page_cache"})
"""Modules of a room that may read the request though they answer no address of their own."""

REQUEST = frozenset({"request", "session", "g", "flash", "make_response", "redirect"})
DATABASE = frozenset({"db", "write", "session"})


def room_of(module: str) -> str:
    """The room a dotted name lies in; "" for none."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "portal" and parts[1] in ROOMS else ""


def entered(item: Import) -> str:
    """The module of a room that an import goes through ("" for the package itself)."""
    parts = item.module.split(".")
    if len(parts) > 2:
        return parts[2]
    place = ROOT.joinpath(*parts)
    is_module = (place / f"{item.name}.py").is_file() or (place / item.name).is_dir()
    return item.name if item.name and is_module else ""


def climbs(source: Source) -> Iterator[str]:
    """A room imports only rooms named before it in portal.factory.ROOMS."""
    here = room_of(source.module)
    if not here:
        return
    for item in imports(source):
        there = room_of(item.dotted)
        if there and ROOMS.index(there) > ROOMS.index(here):
            yield at(source, item.line, f"{here} imports {there}, which stands above it")


def through_the_wall(source: Source) -> Iterator[str]:
    """Whoever is outside a room comes in by its doors."""
    if source.module == "portal.factory":
        return
    here = room_of(source.module)
    for item in imports(source):
        there = room_of(item.dotted)
        if not there or there == here:
            continue
        door = entered(item)
        if door in DOORS[""] | DOORS.get(there, set()):
            continue
        who = ".".join(source.module.split(".")[: 3 if "cli" in source.module else 2])
        if (who, f"portal.{there}.{door}") not in SIDE_DOORS:
            yield at(source, item.line, f"enters {there} by {item.dotted}")


def is_view(source: Source) -> bool:
    """Does this module answer addresses: by its name, or by a route on a blueprint?"""
    routes = ("@bp.get(", "@bp.post(", "@bp.route(", "bp.add_url_rule(")
    return source.name.endswith("views") or any(route in source.text for route in routes)


def view_touches_database(source: Source) -> Iterator[str]:
    """Views ask the service; they hold no session and write no query."""
    if not room_of(source.module) or not is_view(source):
        return
    for item in imports(source):
        foreign = item.root in {"sqlalchemy", "flask_sqlalchemy"}
        ours = item.module in {"portal.db", "portal.extensions"} and item.name in DATABASE
        if foreign or ours or item.dotted == "portal.db":
            yield at(source, item.line, f"a view imports {item.dotted}")
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "db.session":
            yield at(source, node.lineno, "a view uses db.session")


def service_reads_request(source: Source) -> Iterator[str]:
    """What is not HTTP in a room works without a request: it is told who asks and what for."""
    if not room_of(source.module) or is_view(source) or source.name in HTTP:
        return
    for item in imports(source):
        if item.module == "flask" and item.name in REQUEST:
            yield at(source, item.line, f"{source.name} imports flask.{item.name}")
        if item.module == "flask_login":
            yield at(source, item.line, f"{source.name} imports {item.dotted}")
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "flask.request":
            yield at(source, node.lineno, f"{source.name} uses flask.request")
