"""Time: whoever waits for a plugin waits no longer than its budget, and late things still count.

Nothing here is timed. What hangs waits for a gate that opens when the test wants it to, so a page
that comes before that has not waited.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.contributions import ArticleView, Shortcut
from portal.plugin_host import host, mailbox, owners, settings_page
from portal.plugin_host.calls import Fault, Slow
from portal.plugin_host.pool import STUCK, Pool
from portal.plugin_host.states import Plugin, State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

MENU = "return [NavigationItem(ctx.name.replace('_', '-'), 'entry of ' + ctx.name, '/faq/')]"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What plugins wait for with ``builtins.gate.wait()``; opened when the test ends."""
    opened = threading.Event()
    monkeypatch.setattr("builtins.gate", opened, raising=False)
    yield opened
    opened.set()


def plugin(name: str) -> Plugin:
    found = host().plugin(name)
    assert found is not None
    return found


def seen(app: Flask) -> str:
    return app.test_client().get("/login").get_data(as_text=True)


def test_a_hook_that_hangs_keeps_no_page_waiting_and_is_taken_in_when_it_comes(
    gate: threading.Event, write_plugin: Write, load: Load
) -> None:
    hook = "import builtins\n@hookimpl\ndef portal_navigation(ctx):\n    {}" + MENU
    write_plugin("slow", hook.format("builtins.gate.wait()\n    "))
    write_plugin("quick", hook.format(""))
    app = load(plugins_budget_ms=200)
    page = seen(app)
    assert "entry of quick" in page and "entry of slow" not in page
    with app.app_context():
        found = plugin("slow")
        assert found.state is State.DEGRADED and found.problem is not None
        assert "毫秒" in found.problem.text()
        gate.set()
        assert host().pool.settle(20)
    page = seen(app)
    assert "entry of quick" in page and "entry of slow" in page
    assert page.index("entry of quick") < page.index("entry of slow")


def test_a_plugin_that_hangs_while_it_is_loaded_keeps_no_page_waiting(
    gate: threading.Event, write_plugin: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(
        "heavy",
        f"import builtins\nbuiltins.gate.wait()\n@hookimpl\n"
        f"def portal_navigation(ctx):\n    {MENU}",
    )
    write_plugin("quick", f"@hookimpl\ndef portal_navigation(ctx):\n    {MENU}")
    monkeypatch.setattr("portal.plugin_host.registry.PATIENCE", 60)
    app = load(plugins_disabled=("heavy", "quick"), plugins_budget_ms=50)
    seen(app)
    with app.app_context():
        settings_page.switch(None, plugin("quick"), enabled=True)
        assert host().pool.settle(20)
    assert "entry of quick" in seen(app)
    with app.app_context():
        settings_page.switch(None, plugin("heavy"), enabled=True)
    # Loading goes on; meanwhile everything is as it was.
    assert "entry of quick" in seen(app) and "entry of heavy" not in seen(app)
    gate.set()
    with app.app_context():
        assert host().pool.settle(20)
    assert "entry of heavy" in seen(app)


def test_an_event_that_hangs_holds_up_nobody_else(
    gate: threading.Event, write_plugin: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = "import builtins\nheard = []\n@hookimpl\ndef portal_on_content_changed(ctx, article):\n"
    write_plugin("deaf", hook + "    builtins.gate.wait()\n    heard.append(article.id)")
    write_plugin("hearing", hook + "    heard.append(article.id)")
    monkeypatch.setattr(mailbox, "FULL", 3)
    with load().app_context():
        for number in range(10):
            article = ArticleView(number, "faq", "x", "/faq/x", published=True)
            host().emit("content_changed", article=article)
            while len(plugin("hearing").module.heard) <= number:  # type: ignore[union-attr]
                threading.Event().wait(0.001)
        assert plugin("hearing").module.heard == list(range(10))  # type: ignore[union-attr]
        problem = plugin("deaf").problem
        assert problem is not None and "没有做完" in problem.text()
        gate.set()
        assert host().settle(20)
        # In order, as far as there was room.
        assert plugin("deaf").module.heard in ([0, 1, 2], [0, 1, 2, 3])  # type: ignore[union-attr]


def test_a_resolving_hook_that_hangs_leaves_the_answer_to_others(
    gate: threading.Event, write_plugin: Write, load: Load
) -> None:
    hook = "import builtins\n@hookimpl\ndef portal_resolve_shortcut(ctx, query):\n    {}"
    write_plugin("apple", hook.format("builtins.gate.wait()"))
    write_plugin("mango", hook.format("return 12"))
    write_plugin("pear", hook.format("1 / 0"))
    write_plugin("plum", hook.format("return Shortcut('there', '/faq/')"))
    write_plugin("zebra", hook.format("return Shortcut('never', '/faq/')"))
    with load(plugins_budget_ms=100).app_context():
        found = host().resolve("portal_resolve_shortcut", Shortcut, query="x", viewer=None)
        assert found == Shortcut("there", "/faq/")
        states = {name: plugin(name).state for name in ("apple", "mango", "pear", "plum", "zebra")}
        assert states == {
            "apple": State.DEGRADED,
            "mango": State.DEGRADED,
            "pear": State.DEGRADED,
            "plum": State.ACTIVE,
            "zebra": State.ACTIVE,
        }


def test_stuck_calls_are_bounded_and_come_back(gate: threading.Event) -> None:
    pool = Pool()
    late: list[object] = []
    for number in range(STUCK):
        result = pool.run("slow", lambda n=number: (gate.wait(), n)[1], 0.01, late.append)
        assert isinstance(result, Fault) and isinstance(result.error, Slow)
    started = threading.Event()
    assert isinstance(pool.run("slow", started.set, 5), Fault) and not started.is_set()
    assert pool.run("other", lambda: "fine", 5) == "fine"
    gate.set()
    assert pool.settle(20)
    assert sorted(late) == list(range(STUCK))  # type: ignore[type-var]
    assert pool.run("slow", lambda: "again", 5) == "again"


def test_what_a_call_raises_is_a_value_whatever_it_is() -> None:
    class Own(BaseException):
        pass

    pool = Pool()
    for error in (ValueError("x"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), Own()):

        def raising(error: BaseException = error) -> None:
            raise error

        result = pool.run("bad", raising, 5)
        assert isinstance(result, Fault) and result.error is error
    assert pool.run("bad", lambda: None, 5) is None


def test_a_thread_a_plugin_starts_is_counted_and_keeps_no_command_alive(tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "spawner.py").write_text(
        "import threading\nfrom portal.api import *\n"
        "manifest = PluginManifest(name='spawner', title='x')\n"
        "threading.Thread(target=threading.Event().wait).start()\n",
        "utf-8",
    )
    # Not a daemon: Python itself would wait for it for ever.
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "plugins", "list"],
        env={
            "PORTAL_HOME": str(tmp_path / "home"),
            "PORTAL_PLUGINS_DIR": str(folder),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PATH": "",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "spawner" in done.stdout and "1 个线程" in done.stdout


def test_threads_of_the_portal_are_not_charged_to_a_plugin() -> None:
    before = owners.threads_started("charged")
    pool = Pool()
    with owners.running("charged"):
        assert pool.run("charged", lambda: 1, 5) == 1
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
    assert owners.threads_started("charged") == before + 1


def test_printing_goes_to_the_log_with_the_plugins_name(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with owners.running("chatty"):
        print("aloud")
    print("ours")
    assert capsys.readouterr().out == "ours\n"
    assert "plugin chatty printed: aloud" in caplog.text


def test_the_record_is_that_of_all_processes(write_plugin: Write, load: Load) -> None:
    write_plugin("half", "@hookimpl\ndef portal_navigation(ctx):\n    1 / 0")
    apps = [load(), load()]
    for app in apps:
        seen(app)
        app.extensions["plugins"].ledger.flush()
    with load().app_context():
        [failure] = host().ledger.failures("half")
        tally = host().ledger.tallies()["half", "portal_navigation"]
        assert failure.count == 2 and "ZeroDivisionError" in failure.traceback
        assert (tally.calls, tally.faults) == (2, 2)
        assert tally.slowest >= tally.average > 0
        settings_page.forget_failures(None, plugin("half"))
        host().collect_all()
        # Started afresh, it has failed once more, in this process alone.
        assert [one.count for one in host().ledger.failures("half")] == [1]


def test_an_event_that_raises_anything_at_all_does_not_stop_the_next(
    write_plugin: Write, load: Load
) -> None:
    write_plugin(
        "wild",
        """
        heard = []

        @hookimpl
        def portal_on_content_changed(ctx, article):
            heard.append(article.id)
            raise (KeyboardInterrupt, SystemExit, GeneratorExit, ValueError)[article.id]
        """,
    )
    with load().app_context():
        for number in range(4):
            article = ArticleView(number, "faq", "x", "/faq/x", published=True)
            host().emit("content_changed", article=article)
        assert host().settle(20)
        assert plugin("wild").module.heard == [0, 1, 2, 3]  # type: ignore[union-attr]
        assert plugin("wild").failure_count == 4
