"""What plugins cost: collecting their hooks, telling them of events, a page with twenty of them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pluggy

from bench.client import Connection, sign_in
from bench.figures import Figure, show
from bench.serving import ROOT, PortalHome

MANY = 100
SOME = 20
EVENTS = 20_000
ROUNDS = 5

PLUGIN = '''
"""Plugin {name}."""
from pydantic import BaseModel
from portal.api import *

class Config(BaseModel):
    words: str = "你好"

manifest = PluginManifest(name="{name}", title="{name}", config=Config)

@hookimpl
def portal_navigation(ctx):
    return [NavigationItem("{dashed}", ctx.config.words, "/faq/", role="admin")]

@hookimpl
def portal_dashboard_widgets(ctx):
    render = lambda ctx, viewer: Markup("<p>{{}}</p>").format(viewer.name)
    return [DashboardWidget("{dashed}", "卡片", render)]

@hookimpl
def portal_template_slots(ctx):
    def render(ctx, viewer, article):
        return Markup("<p>{{}}</p>").format(article.title)
    return [TemplateSlot("{dashed}", "article.end", render)]

@hookimpl
def portal_on_content_changed(ctx, article):
    pass
'''


def write_plugins(folder: Path, number: int) -> Path:
    """A folder with so many plugins."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(number):
        name = f"bench_{index:03d}"
        source = PLUGIN.format(name=name, dashed=name.replace("_", "-"))
        (folder / f"{name}.py").write_text(source, "utf-8")
    return folder


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def starting(folder: Path) -> list[Figure]:
    """Loading and collecting at the start of a process."""
    from portal import create_app
    from portal.plugin_host import host
    from portal.settings import load

    plugins = write_plugins(folder / "many", MANY)
    collecting, loading = [], []
    for number in range(ROUNDS):
        home = folder / f"home{number}"
        app = create_app(load({}, home=home, plugins_dir=plugins))
        with app.app_context():
            loading.append(timed(lambda: host().reload()))
            collecting.append(timed(lambda: host().collect_all()))
            assert sum(plugin.running for plugin in host().plugins) >= MANY
    return [
        Figure(f"importing {MANY} plugins", 1000 * statistics.median(loading), "ms"),
        Figure(
            f"collecting every hook of {MANY} plugins",
            1000 * statistics.median(collecting),
            "ms",
            most=100,
            note="bundled plugins included",
        ),
    ]


class Listener:
    """A bare pluggy plugin."""

    @pluggy.HookimplMarker("bench")
    def heard(self, article: Any) -> None:
        """Nothing."""


class Spec:
    """Its specification."""

    @pluggy.HookspecMarker("bench")
    def heard(self, article: Any) -> None:
        """Nothing."""


def events(folder: Path) -> list[Figure]:
    """One event for one plugin: by pluggy alone, and by the host."""
    from portal import create_app
    from portal.contributions import ArticleView
    from portal.plugin_host import host
    from portal.plugin_host.mailbox import FULL
    from portal.settings import load

    manager = pluggy.PluginManager("bench")
    manager.add_hookspecs(Spec)
    manager.register(Listener())
    article = ArticleView(1, "faq", "x", "/faq/x", published=True)
    plugins = write_plugins(folder / "one", 1)
    app = create_app(
        load(
            {}, home=folder / "home", plugins_dir=plugins, plugins_disabled="activity,library_stats"
        )
    )
    batch = FULL // 2
    bare, told, whole = [], [], []
    with app.app_context():
        assert len(host().snapshot().implementations("portal_on_content_changed")) == 1
        for _ in range(EVENTS // batch):
            bare.append(timed(lambda: [manager.hook.heard(article=article) for _ in range(batch)]))
            began = time.perf_counter()
            for _ in range(batch):
                host().emit("content_changed", article=article)
            told.append(time.perf_counter() - began)
            assert host().settle(60)
            whole.append(time.perf_counter() - began)
    each = 1e6 / batch
    alone, emitting = (each * statistics.median(values) for values in (bare, told))
    return [
        Figure("an event by pluggy alone", alone, "µs"),
        Figure("the same, told to the host", emitting, "µs", note="who causes it waits so long"),
        Figure("overhead for who causes it", emitting - alone, "µs", most=20),
        Figure("until it has been heard", each * statistics.median(whole), "µs"),
    ]


def page(folder: Path) -> list[Figure]:
    """An article page without and with twenty plugins, turn by turn, on two servers."""
    homes = {}
    for number in (0, SOME):
        plugins = write_plugins(folder / f"some{number}", number)
        home = PortalHome(
            folder / f"portal{number}", {"anonymous_read": "true", "plugins_dir": str(plugins)}
        )
        home.run("init")
        home.add_user("bench", "reader")
        homes[number] = home
    with homes[0].serving() as bare, homes[SOME].serving() as full:
        figures = []
        for name, cookie in (("signed in", True), ("visitor", False)):
            ways = {}
            for number, server in ((0, bare), (SOME, full)):
                reader = Connection(server.port, sign_in(server.port, "bench") if cookie else "")
                ways[number] = reader
            first: dict[int, list[float]] = {0: [], SOME: []}
            again: dict[int, list[float]] = {0: [], SOME: []}
            pages = [f"/faq/{slug}" for slug in ("approval-stuck", "who-approves")]
            for turn in range(60):
                for number, reader in ways.items():
                    # Another query string is another page to keep: made anew each time.
                    first[number] += reader.times([f"{path}?{name[0]}{turn}" for path in pages])
                    again[number] += reader.times(pages * 3)
            for what, values in (("made anew", first), ("kept", again)):
                without, having = (1000 * statistics.median(values[n]) for n in (0, SOME))
                figures += [
                    Figure(f"article, {name}, {what}: no plugin of others", without, "ms"),
                    Figure(f"article, {name}, {what}: {SOME} plugins", having, "ms"),
                    Figure("  ratio", having / without, "×", most=1.15),
                ]
        return figures


def scaffold(folder: Path) -> list[Figure]:
    """From `portal plugins new` to green generated tests in an environment of its own."""
    began = time.perf_counter()
    venv = folder / "venv"
    python = venv / "bin" / "python"
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    subprocess.run([sys.executable, "-m", "venv", venv], **quiet)  # type: ignore[call-overload]
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, "-r", ROOT / "requirements-dev.txt"], **quiet)  # type: ignore[call-overload]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", ROOT], **quiet)  # type: ignore[call-overload]
    by_pip = time.perf_counter() - began
    subprocess.run(
        [venv / "bin" / "portal", "plugins", "new", "hello", "--kind", "widget"],
        cwd=folder,
        **quiet,
    )  # type: ignore[call-overload]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", folder / "hello"], **quiet)  # type: ignore[call-overload]
    subprocess.run([python, "-m", "pytest", "-q"], cwd=folder / "hello", **quiet)  # type: ignore[call-overload]
    whole = time.perf_counter() - began
    return [
        Figure("new plugin to green tests, fresh environment", whole, "s", most=60),
        Figure("  of it pip's work for the portal", by_pip, "s"),
    ]


def main() -> list[Figure]:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        figures = [*starting(folder / "start"), *events(folder / "events")]
        figures += [*page(folder / "page"), *scaffold(folder)]
    show("Plugins", figures)
    return figures


if __name__ == "__main__":
    main()
