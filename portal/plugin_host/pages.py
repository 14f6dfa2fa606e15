"""Answering at ``/x/PLUGIN/…``: rights first, then the plugin's view inside a guard."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    request,
    send_from_directory,
)
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, TemplateNotFound
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError, RequestRedirect

from kb.problems import N_, Problem, ProblemError
from portal import errors
from portal.accounts.guard import login_page
from portal.accounts.identity import asking
from portal.contributions import PUBLIC
from portal.db import db
from portal.i18n import translate
from portal.plugin_host import owners
from portal.plugin_host.calls import Fault
from portal.plugin_host.mounts import Mount, matched
from portal.plugin_host.rights import may, viewer_of

if TYPE_CHECKING:
    from portal.plugin_host.plugins import PluginHost
    from portal.plugin_host.states import Plugin

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Add the addresses, the templates of plugins, and `url_for` inside their pages."""
    app.add_url_rule("/x/<plugin>/static/<path:file>", "plugin_static", _static)
    for rule in ("/x/<plugin>/", "/x/<plugin>/<path:rest>"):
        app.add_url_rule(
            rule, "plugin_page", _page, methods=METHODS, provide_automatic_options=False
        )
    core = app.jinja_loader
    assert core is not None
    app.jinja_loader = ChoiceLoader([core, PluginTemplates(app)])
    app.url_build_error_handlers.append(_build)


class PluginTemplates(BaseLoader):
    """Templates named ``x/PLUGIN/…``, from the folder in the plugin's manifest."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def get_source(self, environment: Environment, template: str) -> Any:
        """The source of a template; a plugin cannot answer for a name outside its prefix."""
        first, _, rest = template.partition("/")
        name, _, inside = rest.partition("/")
        if first == "x" and inside:
            folder = _folder(self._app.extensions["plugins"].plugin(name), "templates")
            if folder is not None:
                return FileSystemLoader(folder).get_source(environment, inside)
        raise TemplateNotFound(template)


def asset_url(plugin: str, file: str) -> str:
    """The address of a static file of a plugin; changes with its content."""
    host: PluginHost = current_app.extensions["plugins"]
    folder = _folder(host.plugin(plugin), "static")
    path = folder / file if folder is not None else None
    if path is None or not path.is_file():
        return f"/x/{plugin}/static/{file}"
    return f"/x/{plugin}/static/{file}?v={_digest(path, path.stat().st_mtime_ns)}"


@lru_cache(maxsize=512)
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def _folder(plugin: Plugin | None, key: str) -> Path | None:
    """A folder named in the manifest of a running plugin."""
    if plugin is None or not plugin.running or plugin.manifest is None or plugin.folder is None:
        return None
    name: str = getattr(plugin.manifest, key)
    return plugin.folder / name if name else None


def _static(plugin: str, file: str) -> Response:
    host: PluginHost = current_app.extensions["plugins"]
    folder = _folder(host.plugin(plugin), "static")
    if folder is None:
        abort(404)
    return send_from_directory(folder, file, max_age=YEAR if "v" in request.args else 0)


def _page(plugin: str, rest: str = "") -> Any:
    """One of a plugin's own pages, for whoever has the permission."""
    host: PluginHost = current_app.extensions["plugins"]
    mount = host.mount_of(plugin)
    if mount is None:
        abort(404)
    try:
        rule, arguments = matched(mount, request.environ)
    except RequestRedirect as redirect:
        return redirect.get_response()
    permission = mount.permission_of(rule.endpoint)
    user = asking()
    if permission != PUBLIC and not may(plugin, permission, viewer_of(user)):
        # Signed in without the right: there is no such page.
        return login_page() if user is None else abort(404)
    request.url_rule, request.view_args = rule, arguments
    g.plugin_mount = mount
    return _answer(host, mount, rule.endpoint, arguments)


def _answer(host: PluginHost, mount: Mount, endpoint: str, arguments: dict[str, Any]) -> Response:
    with owners.running(mount.plugin):
        try:
            response = make_response(_handled(mount, endpoint, arguments))
            for function in mount.after(endpoint):
                response = make_response(function(response))
            if response.is_streamed and not response.direct_passthrough:
                response.response = _guarded(host, mount.plugin, response.response)
            return response
        except (HTTPException, ProblemError):
            # Answers: the portal's own pages say "not found" and the like.
            raise
        except (Exception, SystemExit) as error:  # a plugin's view may raise anything
            return _failed(host, mount, Fault.of(error))


def _handled(mount: Mount, endpoint: str, arguments: dict[str, Any]) -> Any:
    """What the view gives, or the blueprint's own answer to what it raises."""
    try:
        for function in mount.before(endpoint):
            early = function()
            if early is not None:
                return early
        return mount.view(endpoint)(**arguments)
    except Exception as error:  # the blueprint may have an answer to whatever it is
        handler = mount.handler(endpoint, error)
        if handler is None:
            raise
        return handler(error)


def _guarded(host: PluginHost, name: str, parts: Iterable[Any]) -> Iterator[Any]:
    """A streamed answer, sent when the request is over; what it raises ends it and is kept."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    where = f"page {request.path}"

    def guarded() -> Iterator[Any]:
        try:
            yield from parts
        except (Exception, SystemExit) as error:  # a plugin's generator may raise anything
            with app.app_context():
                plugin = host.plugin(name)
                if plugin is not None:
                    host.failed(plugin, where, Fault.of(error))

    return guarded()


def _failed(host: PluginHost, mount: Mount, fault: Fault) -> Response:
    db.session.rollback()
    plugin = host.plugin(mount.plugin)
    assert plugin is not None
    ident = secrets.token_hex(4)
    current_app.logger.error("plugin %s failed %s at %s", plugin.name, ident, request.path)
    host.failed(plugin, f"page {request.path}", fault)
    problem = Problem(
        "JS-4001",
        N_("插件「%(title)s」的这一页没有做出来，门户的其他页面照常可用"),
        N_("过一会儿再试；还不行，请把下面的编号告诉管理员"),
        params={"title": translate(plugin.title)},
    )
    return errors.answer(500, N_("这个插件出错了"), problem, ident)


def _build(_error: Exception, endpoint: str, values: dict[str, Any]) -> str:
    """`url_for` between the pages of one plugin."""
    mount: Mount | None = g.get("plugin_mount")
    anchor = values.pop("_anchor", None)
    external, scheme = values.pop("_external", False), values.pop("_scheme", None)
    method = values.pop("_method", None)
    if mount is None:
        raise BuildError(endpoint, values, method)
    adapter = mount.rules.bind_to_environ(request.environ)
    url = adapter.build(endpoint, values, method, force_external=external, url_scheme=scheme)
    return f"{url}#{anchor}" if anchor else url
