"""Cards on the home page: escaped, guarded, timed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.plugin_host import cards, host
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

WIDGET = """
import builtins
def render(ctx, viewer):
    {body}

@hookimpl
def portal_dashboard_widgets(ctx):
    return [DashboardWidget("card", "卡片", render, order=1)]
"""


def first_card(load: Load) -> cards.WidgetCard:
    return next(card for card in host().widgets(None) if card.name == "card")


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ('return "<b>x</b>"', "&lt;b&gt;x&lt;/b&gt;"),
        ('return Markup("<b>x</b>")', "<b>x</b>"),
        ('return Markup("<b>{}</b>").format("<i>")', "<b>&lt;i&gt;</b>"),
    ],
)
def test_only_markup_is_html(body: str, html: str, write_plugin: Write, load: Load) -> None:
    write_plugin("cards", WIDGET.format(body=body))
    with load().app_context():
        assert first_card(load).html == html


@pytest.mark.parametrize("body", ["1 / 0", "raise SystemExit", "return 12", "return ['x']"])
def test_a_failing_card_says_so_and_the_page_is_up(
    body: str, write_plugin: Write, load: Load
) -> None:
    write_plugin("cards", WIDGET.format(body=body))
    app = load()
    page = app.test_client().get("/")
    assert page.status_code == 200
    assert "这张卡片暂时用不了" in page.get_data(as_text=True)
    with app.app_context():
        plugin = host().plugin("cards")
        assert plugin is not None and plugin.state is State.DEGRADED
        assert plugin.failures[0].where == "widget card"


@pytest.mark.parametrize("body", ["return ''", "return None"])
def test_a_card_with_nothing_to_say_is_left_out(body: str, write_plugin: Write, load: Load) -> None:
    write_plugin("cards", WIDGET.format(body=body))
    with load().app_context():
        assert all(card.name != "card" for card in host().widgets(None))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What a plugin waits for with ``builtins.gate.wait()``; opened when the test ends."""
    opened = threading.Event()
    monkeypatch.setattr("builtins.gate", opened, raising=False)
    yield opened
    opened.set()


def test_a_hanging_card_says_so_and_then_rests(
    write_plugin: Write, load: Load, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin("cards", WIDGET.format(body="builtins.gate.wait(); return 'late'"))
    write_plugin("others", WIDGET.format(body="return 'here'").replace('"card"', '"other"'))
    with load(plugins_budget_ms=150).app_context():
        found = {card.name: card for card in host().widgets(None)}
        assert not found["card"].html and "150 毫秒" in found["card"].error
        # The plugins after it have their turn all the same.
        assert found["other"].html == "here"
        assert "歇" in first_card(load).error
        plugin = host().plugin("cards")
        assert plugin is not None and plugin.state is State.DEGRADED
        assert plugin.failures[0].where == "widget card" and plugin.failure_count == 1


def test_one_plugin_costs_its_budget_once_however_many_cards_it_has(
    write_plugin: Write, load: Load, gate: threading.Event
) -> None:
    write_plugin(
        "many",
        """
        import builtins
        tried = []
        def render(ctx, viewer):
            tried.append(1)
            builtins.gate.wait()

        @hookimpl
        def portal_dashboard_widgets(ctx):
            return [DashboardWidget(f"card-{n}", "x", render) for n in range(20)]
        """,
    )
    app = load(plugins_budget_ms=100)
    page = app.test_client().get("/")
    assert page.status_code == 200
    with app.app_context():
        plugin = host().plugin("many")
        assert plugin is not None and plugin.module is not None
        assert len(plugin.module.tried) == 1


def test_a_broken_query_does_not_spoil_the_page(write_plugin: Write, load: Load) -> None:
    write_plugin(
        "cards",
        WIDGET.format(
            body="from sqlalchemy.exc import OperationalError as E; raise E('x', {}, Exception())"
        ),
    )
    assert load().test_client().get("/").status_code == 200
