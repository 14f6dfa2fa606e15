"""The plugin host: keeps the plugins, collects what they add, tells them what happened.

pluggy itself does not isolate: the first exception ends a call for everybody, and results lose the
name of their plugin. So the host goes through the implementations itself and takes what each gives
inside a guard (`calls.attempt`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from kb.problems import N_, Problem, ProblemError
from portal.accounts.models import Role, User
from portal.contributions import (
    ArticleView,
    ConnectorKind,
    ContentKind,
    NavigationItem,
    ProjectTemplate,
    Viewer,
    WorkflowStepKind,
)
from portal.db import db
from portal.plugin_host.calls import Fault, attempt, explain, quiet
from portal.plugin_host.collecting import HOOKS, Collected, sort_out
from portal.plugin_host.context import LibraryView
from portal.plugin_host.registry import Snapshot, take_snapshot
from portal.plugin_host.states import Failure, Plugin, State
from portal.plugin_host.widgets import Dashboard, WidgetCard
from portal.settings import Settings

if TYPE_CHECKING:
    from kb.markup.model import MarkupExtension


class PluginHost:
    """One for each application. All methods need an application context."""

    def __init__(self, settings: Settings, library: LibraryView) -> None:
        self.settings = settings
        self._library = library
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._collecting: set[str] = set()
        self._started: set[str] = set()
        self._dashboard = Dashboard(self)

    # Life ---------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The plugins as they stand; loads them on first use."""
        found = self._snapshot
        return found if found is not None else self.reload()

    def reload(self) -> Snapshot:
        """Take a new snapshot: after a change of switches or settings."""
        with self._lock:
            self._snapshot = snapshot = take_snapshot(self.settings, self._library)
            for plugin in snapshot.plugins:
                if plugin.problem is not None and plugin.state is not State.DISABLED:
                    self._strictly(plugin.problem)
            for plugin, implementation in snapshot.implementations("portal_on_startup"):
                if plugin.name not in self._started:
                    self._started.add(plugin.name)
                    self._tell(plugin, implementation, {})
            return snapshot

    def refresh(self) -> None:
        """Take a new snapshot if an administrator has changed something, in whatever process."""
        from portal.plugin_host import store

        snapshot, generation = self.snapshot(), store.generation()
        if generation is not None and generation != snapshot.generation:
            self.reload()

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin found, running or not, in order."""
        return self.snapshot().plugins

    @property
    def fingerprint(self) -> str:
        """Changes whenever the running plugins, their versions or settings change."""
        return self.snapshot().fingerprint

    def plugin(self, name: str) -> Plugin | None:
        """The plugin with this name."""
        return next((plugin for plugin in self.plugins if plugin.name == name), None)

    # Collecting ---------------------------------------------------------------------------------

    def collected(self, hook: str) -> tuple[Collected, ...]:
        """What all plugins contribute to `hook`; collected once per snapshot."""
        snapshot = self.snapshot()
        known = snapshot.collected.get(hook)
        if known is not None:
            return known
        with self._lock:
            if hook in snapshot.collected:
                return snapshot.collected[hook]
            if hook in self._collecting:
                # A plugin's hook asked something of the portal that needs this very hook.
                return ()
            self._collecting.add(hook)
            try:
                found: list[Collected] = []
                for plugin, implementation in snapshot.implementations(hook):
                    found += self._collect_from(plugin, implementation, hook, found)
                snapshot.collected[hook] = tuple(found)
            finally:
                self._collecting.discard(hook)
            return snapshot.collected[hook]

    def collect_all(self) -> None:
        """Collect every hook, so that each plugin's state is known."""
        for hook in HOOKS:
            self.collected(hook)

    def _collect_from(
        self, plugin: Plugin, implementation: Any, hook: str, taken: Iterable[Collected]
    ) -> list[Collected]:
        def materialised() -> list[object]:
            # Inside the guard, because a generator fails late.
            result = _call(plugin, implementation, {})
            if result is None or isinstance(result, str | bytes | Mapping):
                raise TypeError(f"returned {type(result).__name__}, not a list")
            return list(result)

        with quiet(plugin.name):
            items = attempt(materialised)
        if isinstance(items, Fault):
            self.failed(plugin, hook, items)
            return []
        # Looking at an item runs its author's code as well (properties, validators).
        sorted_out = attempt(lambda: sort_out(hook, plugin.name, items, taken, _reserved()))
        if isinstance(sorted_out, Fault):
            self.failed(plugin, hook, sorted_out)
            return []
        kept, problems = sorted_out
        for problem in problems:
            self.record(plugin, hook, problem)
        plugin.contributions += [(hook, str(one.item.name)) for one in kept]
        return kept

    def markdown_extensions(self) -> tuple[MarkupExtension, ...]:
        """For the renderer."""
        return tuple(one.item.markup for one in self.collected("portal_markdown_extensions"))

    def content_kinds(self) -> tuple[ContentKind, ...]:
        """Kinds of article besides the core's."""
        return tuple(one.item for one in self.collected("portal_content_kinds"))

    def project_templates(self) -> tuple[ProjectTemplate, ...]:
        """Projects to start from."""
        return tuple(one.item for one in self.collected("portal_project_templates"))

    def step_kinds(self) -> tuple[WorkflowStepKind, ...]:
        """Kinds of workflow step."""
        return tuple(one.item for one in self.collected("portal_workflow_step_kinds"))

    def connectors(self) -> tuple[ConnectorKind, ...]:
        """Systems to read from."""
        return tuple(one.item for one in self.collected("portal_erp_connectors"))

    def origin(self, hook: str, name: str) -> Plugin | None:
        """The plugin that contributed `name` to `hook`."""
        found = (one.plugin for one in self.collected(hook) if one.item.name == name)
        return self.plugin(next(found, ""))

    def navigation(self, user: User | None) -> tuple[NavigationItem, ...]:
        """Menu entries that `user` may see, in order."""
        items = (one.item for one in self.collected("portal_navigation"))
        seen = [item for item in items if _allowed(item, user)]
        return tuple(sorted(seen, key=lambda item: item.order))

    def cli_commands(self) -> dict[str, tuple[Collected, ...]]:
        """Plugin → its commands."""
        found: dict[str, tuple[Collected, ...]] = {}
        for one in self.collected("portal_cli_commands"):
            found[one.plugin] = (*found.get(one.plugin, ()), one)
        return found

    def widgets(self, user: User | None) -> tuple[WidgetCard, ...]:
        """The home page's cards for `user`, in order; one that has nothing to say is left out."""
        return self._dashboard.cards(viewer_of(user))

    # Events and failures ------------------------------------------------------------------------

    def emit(self, event: str, **arguments: object) -> None:
        """Tell every plugin that implements ``portal_on_<event>``. Call it after the commit."""
        for plugin, implementation in self.snapshot().implementations(f"portal_on_{event}"):
            self._tell(plugin, implementation, arguments)

    def content_changed(self, articles: Iterable[ArticleView]) -> None:
        """Tell plugins of articles that were published, changed or taken back."""
        if self.snapshot().implementations("portal_on_content_changed"):
            for article in articles:
                self.emit("content_changed", article=article)

    def _tell(self, plugin: Plugin, implementation: Any, arguments: Mapping[str, object]) -> None:
        result = attempt(lambda: _call(plugin, implementation, arguments))
        if isinstance(result, Fault):
            self.failed(plugin, implementation.function.__name__, result)

    def extension_failed(self, name: str) -> None:
        """A Markdown extension raised; the renderer has made the page without it."""
        plugin = self.origin("portal_markdown_extensions", name)
        if plugin is not None:
            problem = Problem(
                "JS-4001",
                N_("插件 %(plugin)s 的 Markdown 扩展 %(name)s 出错，页面没有用它"),
                N_("把出错的文章和插件名告诉插件作者"),
                params={"plugin": plugin.name, "name": name},
            )
            self.record(plugin, f"markdown {name}", problem)

    def record(self, plugin: Plugin, where: str, problem: Problem, traceback: str = "") -> None:
        """Keep a failure of a plugin; rooms that use a contribution report here as well."""
        from portal.db import utcnow

        with self._lock:
            plugin.note(Failure(where, problem, traceback, utcnow()))
        current_app.logger.warning("plugin %s: %s: %s", plugin.name, where, problem)
        self._strictly(problem)

    def failed(self, plugin: Plugin, where: str, fault: Fault) -> None:
        """Keep a call that raised, in words and with its traceback."""
        if isinstance(fault.error, SQLAlchemyError) and not db.session().info.get("writing"):
            # PostgreSQL refuses everything after a failed statement until it is rolled back.
            db.session.rollback()
        self.record(plugin, where, explain(plugin.name, where, fault), fault.traceback)

    def _strictly(self, problem: Problem) -> None:
        if self.settings.plugins_strict:
            raise ProblemError(problem)

    def report(self) -> tuple[Plugin, ...]:
        """Every plugin after everything has been collected, so that each state is final."""
        self.collect_all()
        return self.plugins

    def problems(self) -> list[Problem]:
        """Everything wrong with any plugin, for `portal doctor`."""
        found = [
            plugin.problem
            for plugin in self.report()
            if plugin.problem is not None and plugin.state is not State.DISABLED
        ]
        folder = self.settings.plugins_dir
        if folder is not None and not folder.is_dir():
            message = N_("插件文件夹 %(path)s 不存在")
            remedy = N_("建立它，或改 plugins_dir 这项设置")
            found.append(Problem("JS-1005", message, remedy, params={"path": folder}))
        return found


def _call(plugin: Plugin, implementation: Any, arguments: Mapping[str, object]) -> Any:
    """Call one implementation with the arguments it asks for."""
    given = {"ctx": plugin.ctx, **arguments}
    return implementation.function(*(given[name] for name in implementation.argnames))


def _allowed(item: NavigationItem, user: User | None) -> bool:
    return not item.role or (user is not None and user.role.at_least(Role(item.role)))


def viewer_of(user: User | None) -> Viewer:
    """What a widget may know of `user`."""
    if user is None:
        return Viewer()
    return Viewer(user.id, user.name, user.display_name or user.name, user.role.value)


def _reserved() -> set[str]:
    """First parts of the addresses the portal uses itself (articles' own are no obstacle)."""
    rules = current_app.url_map.iter_rules()
    firsts = {rule.rule.split("/")[1] for rule in rules if not rule.endpoint.startswith("library.")}
    return {first for first in firsts if first and "<" not in first} | {"x", "static"}
