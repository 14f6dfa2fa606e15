"""A plugin's own pages: blueprints tried out on an application of their own, and kept there.

Nothing of a plugin is written into the portal's application. Its blueprints are registered on a
scratch application; what that has gained — rules, views, functions before and after — is what
answers at ``/x/PLUGIN/``. So a plugin can be switched on while the portal runs, and what would
reach beyond its own pages is seen before it can.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from kb.problems import N_, Problem
from portal.contributions import PUBLIC, PluginBlueprint

View = Callable[..., Any]


class Mount:
    """The pages of one plugin. Raises ValueError, with the reason, for what cannot be mounted."""

    def __init__(self, plugin: str, items: Iterable[PluginBlueprint]) -> None:
        self.plugin = plugin
        self.prefix = f"/x/{plugin}"
        self.permissions: dict[str, str] = {}
        """Name of a blueprint as registered → the permission that opens it."""
        self._app = Flask("portal.mounts", static_folder=None)
        before = _reach(self._app)
        for item in items:
            self._add(item)
        _refuse_reach(before, _reach(self._app))
        self._check_rules()

    @property
    def rules(self) -> Map:
        """Its addresses."""
        return self._app.url_map

    def view(self, endpoint: str) -> View:
        """The view function of an endpoint."""
        return self._app.view_functions[endpoint]

    def permission_of(self, endpoint: str) -> str:
        """The permission that opens an endpoint."""
        return self.permissions[endpoint.split(".")[0]]

    def before(self, endpoint: str) -> list[View]:
        """Functions to be run before a view, outermost blueprint first."""
        return _of(self._app.before_request_funcs, reversed(_lineage(endpoint)))

    def after(self, endpoint: str) -> list[View]:
        """Functions to be run on the answer, innermost blueprint first, the last one first."""
        return [
            function
            for name in _lineage(endpoint)
            for function in reversed(self._app.after_request_funcs.get(name, []))
        ]

    def handler(self, endpoint: str, error: Exception) -> View | None:
        """The blueprint's own handler for an error, if it has one."""
        code = error.code if isinstance(error, HTTPException) else None
        for wanted in (code, None) if code is not None else (None,):
            for name in _lineage(endpoint):
                handlers = self._app.error_handler_spec[name][wanted]
                for cls in type(error).__mro__:
                    if cls in handlers:
                        return handlers[cls]
        return None

    def _add(self, item: PluginBlueprint) -> None:
        blueprint = item.blueprint
        if blueprint.url_prefix not in (None, "", "/", self.prefix):
            raise ValueError(
                f"blueprint {blueprint.name}: url_prefix {blueprint.url_prefix!r} is not to be had,"
                f" its pages are at {self.prefix}/"
            )
        if blueprint.subdomain:
            raise ValueError(f"blueprint {blueprint.name}: a subdomain is not to be had")
        if blueprint.template_folder or blueprint.static_folder:
            raise ValueError(
                f"blueprint {blueprint.name}: name templates and static files in the manifest, and"
                " use ctx.render and ctx.asset"
            )
        # A name of our own: one like a room's would be taken for the room.
        name = f"x-{self.plugin}-{blueprint.name}"
        self.permissions[name] = item.permission
        self._app.register_blueprint(blueprint, url_prefix=self.prefix, name=name)

    def _check_rules(self) -> None:
        seen: dict[tuple[str, str], str] = {}
        for rule in self.rules.iter_rules():
            if not rule.rule.startswith(f"{self.prefix}/") and rule.rule != self.prefix:
                raise ValueError(f"{rule.rule} is not below {self.prefix}/")
            if rule.rule.startswith(f"{self.prefix}/static/"):
                raise ValueError(f"{rule.rule}: addresses below static/ are the static files'")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                first = seen.setdefault((rule.rule, method), rule.endpoint)
                if first != rule.endpoint:
                    raise ValueError(f"{method} {rule.rule} is answered by two views")


def matched(mount: Mount, environ: Mapping[str, Any]) -> tuple[Rule, dict[str, Any]]:
    """The rule for a request and its arguments. Raises what werkzeug's routing raises."""
    adapter = mount.rules.bind_to_environ(dict(environ))
    rule, arguments = adapter.match(return_rule=True)
    return rule, dict(arguments)


def unregistered(
    plugin: str, items: Iterable[PluginBlueprint], known: Collection[str]
) -> Iterator[Problem]:
    """A Problem for each blueprint whose permission the plugin has not registered."""
    for item in items:
        if item.permission != PUBLIC and item.permission not in known:
            yield Problem(
                "JS-4001",
                N_("插件 %(plugin)s 的页面要权限 %(name)s，可它没有登记这个权限，谁也打不开"),
                N_("请插件作者在 portal_permissions 里登记它，或写明 PUBLIC"),
                params={"plugin": plugin, "name": item.permission},
            )


def _lineage(endpoint: str) -> list[str]:
    """The blueprints an endpoint lies in, innermost first."""
    parts = endpoint.split(".")[:-1]
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _of(functions: Mapping[Any, list[View]], names: Iterable[str]) -> list[View]:
    return [function for name in names for function in functions.get(name, [])]


def _reach(app: Flask) -> dict[str, int]:
    """How much there is that acts on every page of an application."""
    return {
        "before_app_request": len(app.before_request_funcs.get(None, [])),
        "after_app_request": len(app.after_request_funcs.get(None, [])),
        "teardown_app_request": len(app.teardown_request_funcs.get(None, [])),
        "app_context_processor": len(app.template_context_processors[None]),
        "app_errorhandler": sum(map(len, app.error_handler_spec[None].values())),
        "app_url_defaults": len(app.url_default_functions.get(None, [])),
        "app_url_value_preprocessor": len(app.url_value_preprocessors.get(None, [])),
        "app_template_filter": len(app.jinja_env.filters),
        "app_template_test": len(app.jinja_env.tests),
        "app_template_global": len(app.jinja_env.globals),
        "cli": len(app.cli.commands),
    }


def _refuse_reach(before: dict[str, int], after: dict[str, int]) -> None:
    for name, number in after.items():
        if number > before[name]:
            raise ValueError(f"{name} acts on the whole portal and is not to be had")
