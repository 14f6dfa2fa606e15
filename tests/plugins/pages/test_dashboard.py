"""The cards on the home page show each reader what he may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from plugins.dashboard_library import plugin as dashboard
from portal.accounts.models import Role, User
from portal.api import PluginContext, Viewer
from portal.db import write
from portal.library.models import Article, Revision, RevisionState, Space

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
VISITOR = Viewer()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "today", lambda: NOW)


@pytest.fixture
def ctx(app: Flask, make_ctx: Callable[..., PluginContext]) -> PluginContext:
    return make_ctx(dashboard.Config())


def publish(title: str, *, days_ago: float = 0, kind: str = "faq", **fields: Any) -> None:
    with write() as session:
        space = session.query(Space).filter_by(slug=fields.pop("space", "public")).one()
        at = NOW - timedelta(days=days_ago)
        slug = f"{kind}-{abs(hash(title))}"
        article = Article(kind=kind, slug=slug, title=title, space=space, published_at=at, **fields)
        session.add(article)
        session.flush()
        revision = Revision(
            article_id=article.id, number=1, state=RevisionState.PUBLISHED, title=title
        )
        session.add(revision)
        session.flush()
        article.published_revision_id = revision.id


def test_nothing_to_say(ctx: PluginContext) -> None:
    assert dashboard.tip(ctx, VISITOR) == ""
    assert dashboard.fresh(ctx, VISITOR) == ""


def test_the_newest_first_and_only_new_ones(ctx: PluginContext) -> None:
    publish("老的", days_ago=8)
    publish("昨天的", days_ago=1)
    publish("刚才的", days_ago=0.1)
    html = dashboard.fresh(ctx, VISITOR)
    assert html.index("刚才的") < html.index("昨天的")
    assert "老的" not in html
    assert "常见问题" in html


def test_what_a_reader_may_not_see_is_not_there(
    ctx: PluginContext, make_user: Callable[..., User]
) -> None:
    with write() as session:
        session.add(Space(slug="secret", name="机密", public=False))
    publish("机密的", space="secret")
    publish("撤下的", archived_at=NOW)
    assert dashboard.fresh(ctx, VISITOR) == "" and dashboard.tip(ctx, VISITOR) == ""
    reader, pmso = make_user("rita"), make_user("paul", Role.PMSO)
    assert dashboard.fresh(ctx, Viewer(reader.id, role="reader")) == ""
    assert "机密的" in dashboard.fresh(ctx, Viewer(pmso.id, role="pmso"))


def test_titles_are_escaped(ctx: PluginContext) -> None:
    publish("<script>alert(1)</script>", summary="<b>")
    for html in (dashboard.fresh(ctx, VISITOR), dashboard.tip(ctx, VISITOR)):
        assert "<script>" not in html and "&lt;script&gt;" in html


def test_another_tip_each_day_of_the_kind_asked_for(
    ctx: PluginContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("甲问", "乙问", "丙问"):
        publish(title)
    publish("不是问题", kind="tutorial")
    seen = set()
    for day in range(3):
        monkeypatch.setattr(dashboard, "today", lambda day=day: NOW + timedelta(days=day))
        html = dashboard.tip(ctx, VISITOR)
        assert html == dashboard.tip(ctx, VISITOR)
        seen |= {title for title in ("甲问", "乙问", "丙问", "不是问题") if title in html}
    assert seen == {"甲问", "乙问", "丙问"}
