"""The plugin host: keeps the plugins, collects what they add, tells them what happened.

pluggy itself does not isolate: the first exception ends a call for everybody, and results lose the
name of their plugin. So the host goes through the implementations itself and takes what each gives
inside a guard, in a thread whose end nobody has to wait for (`pool`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from traceback import format_exception
from typing import Any, TypeVar

from flask import Flask, current_app

from kb.problems import N_, Problem, ProblemError
from portal.contributions import ArticleView
from portal.plugin_host import owners
from portal.plugin_host.calls import (
    MAX_TRACEBACK,
    Fault,
    attempt_anything,
    explain,
    explain_extension,
    started_threads,
)
from portal.plugin_host.cards import Cards
from portal.plugin_host.collecting import HOOKS, Collected
from portal.plugin_host.collection import PATIENCE, Collection
from portal.plugin_host.context import LibraryView, PluginContext, Services
from portal.plugin_host.contributed import Contributed
from portal.plugin_host.ledger import Ledger
from portal.plugin_host.mailbox import Post
from portal.plugin_host.mounts import Mount, unregistered
from portal.plugin_host.pool import Pool
from portal.plugin_host.registry import Snapshot, take_snapshot
from portal.plugin_host.shape import mistyped
from portal.plugin_host.states import Failure, Plugin, State
from portal.settings import Settings

T = TypeVar("T")


class PluginHost(Contributed):
    """One for each application. All methods need an application context."""

    def __init__(
        self, app: Flask, settings: Settings, library: LibraryView, services: Services
    ) -> None:
        self.settings = settings
        self.pool = Pool()
        self.ledger = Ledger(app)
        self.cards = Cards(self)
        self.listeners: list[Callable[[], None]] = []
        """Called when contributions have changed without anybody having changed the database."""
        self._app = app
        self._library = library
        self._services = services
        self._post = Post(self.pool)
        self._lock = threading.Lock()
        self._loading = threading.RLock()
        """Held while plugins are loaded, which may take long; `_lock` never is."""
        self._snapshot: Snapshot | None = None
        self._renewing: threading.Event | None = None
        self._started: set[str] = set()
        self._threads: dict[str, int] = {}
        """Plugin → threads it has started, as far as that has been recorded."""

    # Life ---------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The plugins as they stand; loads them on first use."""
        found = self._snapshot
        if found is not None:
            return found
        with self._loading:
            return self._snapshot or self.reload()

    def reload(self, *, collect: bool = False) -> Snapshot:
        """Take a new snapshot; with `collect` it is used only when everything has been collected.

        Raises ProblemError in strict mode when a plugin is faulty.
        """
        with self._loading:
            snapshot = take_snapshot(self)
            snapshot.collection = Collection(self, snapshot)
            for plugin in snapshot.plugins:
                if plugin.problem is not None and plugin.state is not State.DISABLED:
                    self._strictly(plugin.problem)
            self._snapshot = self._snapshot or snapshot  # a hook may ask for what needs one
            if collect:
                for hook in HOOKS:
                    snapshot.collection.get(hook)
            self._snapshot = snapshot
            for plugin, implementation in snapshot.implementations("portal_on_startup"):
                if plugin.name not in self._started:
                    self._started.add(plugin.name)
                    self._send(plugin, implementation, {})
        return snapshot

    def refresh(self) -> None:
        """Follow what an administrator has changed, in whatever process: whoever asks waits no
        longer than for one plugin, and meanwhile the portal goes on with what it had.
        """
        from portal.plugin_host import store

        for _change_during_the_last_renewal in range(2):
            snapshot, generation = self.snapshot(), store.generation()
            if generation is None or generation == snapshot.generation:
                return
            self.renew().wait(self.settings.plugins_budget)

    def renew(self) -> threading.Event:
        """Begin to take a new snapshot; the event is set when it is in use."""
        with self._lock:
            if self._renewing is None:
                self._renewing = threading.Event()
                self.pool.start("", partial(self._renew, self._renewing))
            return self._renewing

    def _renew(self, ready: threading.Event) -> None:
        try:
            with self._app.app_context():
                self.reload(collect=True)
                self.changed()
        finally:
            self._renewing = None
            ready.set()

    def changed(self) -> None:
        """What is kept of pages may be old, though the database has not changed."""
        for listener in self.listeners:
            listener()

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
        return self.snapshot().by_name.get(name)

    def context_of(self, name: str, config: Any) -> PluginContext:
        """The context that a plugin's hooks are handed."""
        return PluginContext.made(name, config, self.settings.home, self._library, self._services)

    # Collecting ---------------------------------------------------------------------------------

    def collected(self, hook: str) -> tuple[Collected, ...]:
        """What all plugins contribute to `hook`; collected once per snapshot."""
        collection = self.snapshot().collection
        assert collection is not None
        return collection.get(hook)

    def collect_all(self) -> None:
        """Collect every hook, so that each plugin's state is known."""
        for hook in HOOKS:
            self.collected(hook)
        for one in self.collected("portal_blueprints"):
            self.mount_of(one.plugin)

    def mount_of(self, name: str) -> Mount | None:
        """The pages of a running plugin; None when it has none, or none that can be used."""
        snapshot, plugin = self.snapshot(), self.plugin(name)
        if plugin is None or not plugin.running:
            return None
        if name not in snapshot.mounts:
            items = self.items_of(name, "portal_blueprints")
            known = {one.name for one in self.items_of(name, "portal_permissions")}
            for problem in unregistered(name, items, known):
                self.record(plugin, "portal_blueprints", problem)
            made = self.guarded(plugin, "portal_blueprints", lambda: Mount(name, items), PATIENCE)
            snapshot.mounts[name] = None if isinstance(made, Fault) or not items else made
        return snapshot.mounts[name]

    def reserved(self) -> set[str]:
        """First parts of the addresses the portal uses itself (articles' own are no obstacle)."""
        rules = self._app.url_map.iter_rules()
        firsts = {
            rule.rule.split("/")[1] for rule in rules if not rule.endpoint.startswith("library.")
        }
        return {first for first in firsts if first and "<" not in first} | {"x", "static"}

    # Calls --------------------------------------------------------------------------------------

    def run(
        self, plugin: Plugin, hook: str, implementation: Any, arguments: Mapping[str, object]
    ) -> Any:
        """Call one implementation, here and now, with the arguments it asks for; counted."""
        given = {"ctx": plugin.ctx, **arguments}
        began = time.perf_counter()
        failed = True
        try:
            result = implementation.function(*(given[name] for name in implementation.argnames))
            failed = False
            return result
        finally:
            self.counted(plugin.name, hook, began, failed)

    def counted(self, name: str, hook: str, began: float, failed: bool) -> None:
        """A call of a plugin's code, begun at `began` (perf_counter), has ended."""
        self.ledger.called(name, hook, time.perf_counter() - began, failed)
        started = owners.threads_started(name)
        if started > self._threads.get(name, 0):
            number, self._threads[name] = started - self._threads.get(name, 0), started
            plugin = self.plugin(name)
            if plugin is not None:
                self.record(plugin, hook, started_threads(name, number))

    def guarded(
        self,
        plugin: Plugin,
        where: str,
        work: Callable[[], T],
        seconds: float,
        *,
        waited: Callable[[float], None] = lambda _spent: None,
        late: Callable[[T | Fault], None] | None = None,
    ) -> T | Fault:
        """`work` in a thread with an application context of its own, or the Fault.

        Whoever calls waits `seconds` at most; `waited` is told how long he did, `late` is given
        what comes later. A Fault is recorded as a failure of the plugin at `where`, unless it is
        a ProblemError: that is an answer.
        """

        def inside() -> T:
            with self._app.app_context():
                return work()

        def afterwards(result: T | Fault) -> None:
            with self._app.app_context():
                self._judge(plugin, where, result)
                if late is not None:
                    late(result)

        began = time.perf_counter()
        result = self.pool.run(plugin.name, inside, seconds, afterwards)
        waited(time.perf_counter() - began)
        return self._judge(plugin, where, result)

    def _judge(self, plugin: Plugin, where: str, result: T | Fault) -> T | Fault:
        if isinstance(result, Fault) and not isinstance(result.error, ProblemError):
            self.failed(plugin, where, result)
        return result

    def call(
        self, plugin: str, where: str, work: Callable[[PluginContext], T], seconds: float
    ) -> T | Fault:
        """`work` of a plugin, given its ctx, or the Fault (a TimeoutError after `seconds`).

        It runs in a thread with an application context, and so a database session, of its own.
        """
        owner = self.plugin(plugin)
        assert owner is not None and owner.ctx is not None
        ctx = owner.ctx

        def counted() -> T:
            began = time.perf_counter()
            failed = True
            try:
                result = work(ctx)
                failed = False
                return result
            finally:
                self.counted(plugin, where, began, failed)

        return self.guarded(owner, where, counted, seconds)

    def resolve(self, hook: str, accepts: type[T], **arguments: object) -> T | None:
        """The first answer of a resolving hook that is not None; None when there is none.

        An answer that is no `accepts`, or is mistyped inside, is a failure of its plugin.
        """
        for plugin, implementation in self.snapshot().implementations(hook):

            def answer(plugin: Plugin = plugin, implementation: Any = implementation) -> T | None:
                result = self.run(plugin, hook, implementation, arguments)
                if result is not None and not isinstance(result, accepts):
                    raise TypeError(f"returned {type(result).__name__}, not {accepts.__name__}")
                wrong = mistyped(result)
                if wrong is not None:
                    raise TypeError(f"{accepts.__name__}, {wrong}")
                return result

            result = self.guarded(plugin, hook, answer, self.cards.left(plugin.name))
            if result is not None and not isinstance(result, Fault):
                return result
        return None

    # Events -------------------------------------------------------------------------------------

    def emit(self, event: str, **arguments: object) -> None:
        """Tell every plugin that implements ``portal_on_<event>``. Call it after the commit.

        Each plugin is told in a thread of its own, in order; nobody waits for it.
        """
        for plugin, implementation in self.snapshot().implementations(f"portal_on_{event}"):
            self._send(plugin, implementation, arguments)

    def content_changed(self, articles: Iterable[ArticleView]) -> None:
        """Tell plugins of articles that were published, changed or taken back."""
        if self.snapshot().implementations("portal_on_content_changed"):
            for article in articles:
                self.emit("content_changed", article=article)

    def settle(self, seconds: float = 5.0) -> bool:
        """Wait until every event has been delivered; False when that takes longer."""
        return self._post.settle(seconds)

    def close(self, seconds: float = 5.0) -> None:
        """The application is done with: wait for what plugins are doing, let their threads end."""
        self._post.settle(seconds)
        self.pool.settle(seconds)
        self.let_go()

    def let_go(self) -> None:
        """Let the host's own threads end."""
        self.pool.close()
        self.ledger.stop()

    def _send(self, plugin: Plugin, implementation: Any, arguments: Mapping[str, object]) -> None:
        hook = implementation.function.__name__
        if not self._post.send(
            plugin.name, lambda: self._deliver(plugin, hook, implementation, arguments)
        ):
            problem = Problem(
                "JS-4001",
                N_("插件 %(plugin)s 的 %(hook)s 没有做完，后面的事件没有再告诉它"),
                N_("请插件作者把慢的部分移到定时任务里；重启门户后再从头开始"),
                params={"plugin": plugin.name, "hook": hook},
            )
            self.record(plugin, hook, problem)

    def _deliver(
        self, plugin: Plugin, hook: str, implementation: Any, arguments: Mapping[str, object]
    ) -> None:
        with self._app.app_context():
            result = attempt_anything(lambda: self.run(plugin, hook, implementation, arguments))
            if isinstance(result, Fault):
                # In strict mode this raises, which is of no use to anybody in this thread.
                with suppress(ProblemError):
                    self.failed(plugin, hook, result)

    # Failures -----------------------------------------------------------------------------------

    def extension_failed(self, name: str, error: BaseException) -> None:
        """A Markdown extension raised, or was too slow; the page was made without it."""
        plugin = self.origin("portal_markdown_extensions", name)
        if plugin is not None:
            traceback = "".join(format_exception(error))[-MAX_TRACEBACK:]
            problem = explain_extension(plugin.name, name, error)
            self.record(plugin, f"markdown {name}", problem, traceback)

    def record(self, plugin: Plugin, where: str, problem: Problem, traceback: str = "") -> None:
        """Keep a failure of a plugin; rooms that use a contribution report here as well."""
        from portal.db import utcnow

        with self._lock:
            plugin.note(Failure(where, problem, traceback, utcnow()))
        self.ledger.failed(plugin.name, Failure(where, problem, traceback, utcnow()))
        current_app.logger.warning("plugin %s: %s: %s", plugin.name, where, problem)
        self._strictly(problem)

    def failed(self, plugin: Plugin, where: str, fault: Fault) -> None:
        """Keep a call that raised, in words and with its traceback."""
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
