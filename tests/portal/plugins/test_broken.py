"""No plugin, however broken, takes a page down; each is named with its reason and next step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from kb.problems import ProblemError
from portal.plugin_host import host
from portal.plugin_host.collecting import HOOKS
from portal.plugin_host.discovery import BUNDLED
from portal.plugin_host.states import State
from tests.portal.plugins.broken import ALL, Broken
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

PAGES = (
    "/",
    "/faq/",
    "/templates",
    "/templates/software_release",
    "/steps",
    "/steps/approval",
    "/connectors",
    "/connectors/csv_folder",
    "/search?q=x",
    "/login",
    "/faq/nothing-here",
)


def pages_are_up(app: Flask) -> None:
    client = app.test_client()
    for page in PAGES:
        status = client.get(page).status_code
        assert status == (404 if page == "/faq/nothing-here" else 200), page


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_a_broken_plugin_is_named_and_contained(
    broken: Broken, write_plugin: Write, load: Load
) -> None:
    write_plugin(broken.name, broken.source, bare=broken.bare)
    app = load()
    with app.app_context():
        host().collect_all()
        plugin = host().plugin(broken.name)
        assert plugin is not None
        assert plugin.state == broken.state
        assert plugin.problem is not None
        assert plugin.problem.code == broken.code
        said = f"{plugin.problem.text()} {plugin.problem.next_step()}"
        for words in broken.says:
            assert words in said
        others = [one for one in host().plugins if one.name != broken.name]
        assert {one.state for one in others} == {State.ACTIVE}
        assert broken.name not in {one.plugin for hook in HOOKS for one in host().collected(hook)}
        assert any(problem is plugin.problem for problem in host().problems())


def test_all_of_them_together_leave_every_page_up(write_plugin: Write, load: Load) -> None:
    for broken in ALL:
        write_plugin(broken.name, broken.source, bare=broken.bare)
    app = load()
    pages_are_up(app)
    with app.app_context():
        states = {plugin.name: plugin.state for plugin in host().report()}
    assert {broken.name: states[broken.name] for broken in ALL} == {
        broken.name: broken.state for broken in ALL
    }
    assert sum(state is State.ACTIVE for state in states.values()) == len(BUNDLED)


def test_the_good_part_of_a_degraded_plugin_stays(write_plugin: Write, load: Load) -> None:
    write_plugin(
        "half",
        """
        @hookimpl
        def portal_navigation(ctx):
            yield NavigationItem("good", "好的", "/faq/")
            yield "bad"

        @hookimpl
        def portal_content_kinds(ctx):
            raise RuntimeError
        """,
    )
    with load().app_context():
        host().collect_all()
        assert "good" in {item.name for item in host().navigation(None)}
        plugin = host().plugin("half")
        assert plugin is not None
        assert plugin.state is State.DEGRADED
        assert plugin.contributions == [("portal_navigation", "good")]
        assert plugin.failure_count == 2
        assert any("RuntimeError" in failure.traceback for failure in plugin.failures)


def test_two_plugins_of_one_name(write_plugin: Write, load: Load) -> None:
    write_plugin("announcement", "")
    app = load()
    with app.app_context():
        first, second = (one for one in host().plugins if one.name == "announcement")
        assert first.state is State.ACTIVE
        assert second.state is State.FAILED
        assert second.problem is not None
        said = second.problem.text()
        assert "plugins.announcement.plugin" in said and "announcement.py" in said
    pages_are_up(app)


def test_two_plugins_with_the_same_contribution(write_plugin: Write, load: Load) -> None:
    kind = "return [ContentKind('news', '新闻', '{prefix}', '新')]"
    source = "@hookimpl\ndef portal_content_kinds(ctx):\n    "
    write_plugin("one", source + kind.format(prefix="news"))
    write_plugin("two", source + kind.format(prefix="other-news"))
    with load().app_context():
        host().collect_all()
        kinds = [kind for kind in host().content_kinds() if kind.name == "news"]
        assert [kind.prefix for kind in kinds] == ["news"]
        second = host().plugin("two")
        assert second is not None and second.problem is not None
        assert "one" in second.problem.text() and "two" in second.problem.text()


def test_two_kinds_with_the_same_address(write_plugin: Write, load: Load) -> None:
    source = (
        "@hookimpl\ndef portal_content_kinds(ctx):\n    return [ContentKind('{0}', 'x', 'p', 'x')]"
    )
    write_plugin("one", source.format("a"))
    write_plugin("two", source.format("b"))
    with load().app_context():
        assert [kind.name for kind in host().content_kinds()] == ["announcement", "a"]


def test_a_failed_plugin_leaves_nothing_registered(write_plugin: Write, load: Load) -> None:
    write_plugin(
        "half_registered",
        """
        @hookimpl
        def portal_navigation(ctx):
            return [NavigationItem("ghost", "x", "/faq/")]

        @hookimpl
        def portal_workflow_step_kinds(ctx, nonsense):
            return []
        """,
    )
    with load().app_context():
        assert "ghost" not in {item.name for item in host().navigation(None)}
        assert not host().snapshot().manager.has_plugin("half_registered")


def test_printing_does_not_reach_standard_output(
    write_plugin: Write,
    load: Load,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    write_plugin(
        "chatty",
        """
        print("at import")

        @hookimpl
        def portal_navigation(ctx):
            print("in a hook")
            return []
        """,
    )
    with load().app_context():
        host().collect_all()
        plugin = host().plugin("chatty")
        assert plugin is not None and plugin.state is State.ACTIVE
    assert capsys.readouterr().out == ""
    assert "at import" in caplog.text and "in a hook" in caplog.text


def test_an_event_that_raises_is_counted(write_plugin: Write, load: Load) -> None:
    write_plugin("deaf", "@hookimpl\ndef portal_on_content_changed(ctx, article):\n    1 / 0")
    write_plugin(
        "hearing",
        """
        @hookimpl
        def portal_on_content_changed(article, ctx):
            (ctx.data_dir / "heard").write_text(article.title)
        """,
    )
    app = load()
    with app.app_context():
        from portal.contributions import ArticleView

        article = ArticleView(1, "faq", "题目", "/faq/x", published=True)
        host().emit("content_changed", article=article)
        host().emit("content_changed", article=article)
        assert host().settle()
        plugin = host().plugin("deaf")
        assert plugin is not None and plugin.state is State.DEGRADED
        assert plugin.failure_count == 2 and len(plugin.failures) == 1
        home = host().settings.home
        assert (home / "plugins" / "hearing" / "heard").read_text() == "题目"


def test_strict_mode_refuses_to_start(write_plugin: Write, load: Load) -> None:
    write_plugin("bad_raise", "1 / 0")
    with pytest.raises(ProblemError, match="JS-4001"):
        load(plugins_strict=True)


def test_strict_mode_starts_with_the_bundled_plugins(load: Load) -> None:
    with load(plugins_strict=True).app_context():
        assert {plugin.state for plugin in host().report()} == {State.ACTIVE}


def test_safe_mode_touches_only_bundled_plugins(write_plugin: Write, load: Load) -> None:
    path = write_plugin("outsider", "import pathlib\npathlib.Path(__file__ + '.ran').touch()")
    with load(plugins_safe_mode=True).app_context():
        plugin = host().plugin("outsider")
        assert plugin is not None and plugin.state is State.DISABLED
        assert plugin.problem is not None and "安全模式" in plugin.problem.text()
        assert host().problems() == []
    assert not Path(f"{path}.ran").exists()


def test_a_hook_that_asks_for_itself_does_not_run_for_ever(write_plugin: Write, load: Load) -> None:
    write_plugin(
        "circular",
        """
        @hookimpl
        def portal_content_kinds(ctx):
            ctx.library.newest(Viewer())
            return [ContentKind("round", "圆", "round", "圆")]
        """,
    )
    with load().app_context():
        assert [kind.name for kind in host().content_kinds()] == ["announcement", "round"]
