"""Cards on the home page: escaped, guarded, timed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.plugin_host import host, widgets
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


def first_card(load: Load) -> widgets.WidgetCard:
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


def test_a_slow_card_is_marked_and_then_rests(
    write_plugin: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(widgets.time, "monotonic", lambda: now[0])
    write_plugin("cards", WIDGET.format(body="builtins.pass_time(0.5); return 'late'"))
    monkeypatch.setattr(
        "builtins.pass_time", lambda seconds: now.__setitem__(0, now[0] + seconds), raising=False
    )
    with load().app_context():
        for _ in range(widgets.SLOW_LIMIT):
            card = first_card(load)
            assert card.html == "late" and card.slow
        card = first_card(load)
        assert not card.html and card.slow and "歇" in card.error
        plugin = host().plugin("cards")
        assert plugin is not None and plugin.state is State.DEGRADED
        now[0] += widgets.REST_SECONDS
        assert first_card(load).html == "late"


def test_a_broken_query_does_not_spoil_the_page(write_plugin: Write, load: Load) -> None:
    write_plugin(
        "cards",
        WIDGET.format(
            body="from sqlalchemy.exc import OperationalError as E; raise E('x', {}, Exception())"
        ),
    )
    assert load().test_client().get("/").status_code == 200
