"""The gallery, the catalogue of steps, the connectors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from defusedxml import ElementTree
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Role
from portal.db import db, utcnow, write
from portal.library.models import Article, Revision, RevisionState, Space
from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]
Login = Callable[..., FlaskClient]

TEMPLATES = (
    "manufacturing_new_product",
    "software_release",
    "pm_software_rollout",
    "training_event",
)


def publish(kind: str, slug: str, *, space: str = "public") -> None:
    """An article readers can open."""
    with write() as session:
        shelf = session.query(Space).filter_by(slug=space).one()
        article = Article(kind=kind, slug=slug, title=slug, space=shelf, published_at=utcnow())
        session.add(article)
        session.flush()
        revision = Revision(
            article_id=article.id, number=1, state=RevisionState.PUBLISHED, title=slug
        )
        session.add(revision)
        session.flush()
        article.published_revision_id, article.head_number = revision.id, 1


@pytest.mark.parametrize("page", ["/templates", "/templates/nothing", "/steps", "/connectors"])
def test_where_reading_needs_an_account_a_visitor_is_sent_to_the_login(
    page: str, load: Load
) -> None:
    answer = load(anonymous_read=False).test_client().get(page)
    assert answer.status_code == 302 and "/login" in answer.headers["Location"]


def test_the_gallery_shows_every_template(client: FlaskClient) -> None:
    page = client.get("/templates").get_data(as_text=True)
    for name in TEMPLATES:
        assert f"/templates/{name}" in page
    assert "64 个工作日" in page


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_page(name: str, client: FlaskClient) -> None:
    answer = client.get(f"/templates/{name}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    template = next(one for one in host().project_templates() if one.name == name)
    for task in template.tasks:
        assert f'id="task-{task.wbs}"' in page
        assert task.name in page
    # The content security policy refuses style attributes, so there must be none.
    assert " style=" not in page
    svg = re.search(r'<div class="gantt".*?(<svg.*?</svg>)', page, re.S)
    assert svg is not None
    drawing = ElementTree.fromstring(svg[1])
    bars = [node for node in drawing.iter() if "g-bar" in node.get("class", "")]
    assert len(bars) == len(template.tasks)
    width = float(drawing.get("width"))
    for node in bars:
        if node.get("x"):
            left, length = float(node.get("x")), float(node.get("width"))
            assert left >= 0 and length >= 0 and left + length <= width


def test_a_learning_link_is_there_when_the_reader_may_open_it(client: FlaskClient) -> None:
    href = 'href="/tutorials/wbs-basics"'
    assert href not in client.get("/templates/software_release").get_data(as_text=True)
    publish("tutorial", "wbs-basics")
    with write() as session:
        session.add(Space(slug="secret", name="机密", public=False))
    publish("faq", "how-fine-to-split-tasks", space="secret")
    page = client.get("/templates/software_release").get_data(as_text=True)
    assert href in page
    assert "/faq/how-fine-to-split-tasks" not in page


def test_no_such_template_or_step(client: FlaskClient) -> None:
    for page in ("/templates/nothing", "/steps/nothing", "/connectors/nothing"):
        assert client.get(page).status_code == 404


def test_a_cycle_is_named_on_the_page_and_the_plugin_is_degraded(
    write_plugin: Write, load: Load
) -> None:
    write_plugin(
        "loop",
        """
        @hookimpl
        def portal_project_templates(ctx):
            tasks = (TemplateTask("1.1", "甲", 1, after=("1.2",)),
                     TemplateTask("1.2", "乙", 1, after=("1.1",)))
            return [ProjectTemplate("loop", "圈", "圈", (TemplatePhase("1", "一"),), tasks)]
        """,
    )
    app = load()
    client = app.test_client()
    assert client.get("/templates").status_code == 200
    page = client.get("/templates/loop")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "1.1 → 1.2 → 1.1" in text or "1.2 → 1.1 → 1.2" in text
    with app.app_context():
        plugin = host().plugin("loop")
        assert plugin is not None and plugin.state is State.DEGRADED


def test_every_step_kind_has_a_page(client: FlaskClient) -> None:
    catalogue = client.get("/steps").get_data(as_text=True)
    assert len(host().step_kinds()) == 8
    for kind in host().step_kinds():
        assert f"/steps/{kind.name}" in catalogue
        page = client.get(f"/steps/{kind.name}").get_data(as_text=True)
        for name in kind.config_model.model_fields:
            assert f"<code>{name}</code>" in page
        for outcome in kind.outcomes:
            assert outcome.title in page


# Connectors --------------------------------------------------------------------------------------


def test_readers_see_connectors_but_neither_settings_nor_check(login_as: Login) -> None:
    reader = login_as(Role.READER)
    page = reader.get("/connectors/csv_folder").get_data(as_text=True)
    assert "CSV 文件夹" in page and "项目编号" in page
    assert '<form method="post" action="/connectors' not in page
    assert reader.post("/connectors/csv_folder", data={}).status_code == 404
    assert reader.post("/connectors/csv_folder/check").status_code == 404


def test_a_visitor_who_would_check_is_sent_to_the_login(client: FlaskClient) -> None:
    answer = client.post("/connectors/csv_folder/check")
    assert answer.status_code == 302 and "/login" in answer.headers["Location"]


def test_setting_up_and_checking(app: Flask, login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    folder = host().settings.home / "connectors" / "erp"
    folder.mkdir(parents=True)
    (folder / "projects.csv").write_bytes("项目编号,项目名称\nP1,新厂房\n".encode("gb18030"))
    form = {
        "folder": "erp",
        "files": "projects = projects*.csv\ntasks = t.csv",
        "max_megabytes": "5",
    }
    assert pmso.post("/connectors/csv_folder", data=form).status_code == 302
    assert "还没有检查" in pmso.get("/connectors").get_data(as_text=True)
    pmso.post("/connectors/csv_folder/check")
    page = pmso.get("/connectors/csv_folder").get_data(as_text=True)
    assert "检查失败" in page and "gb18030" in page and "t.csv" in page
    (folder / "t.csv").write_text("任务编号,项目编号,任务名称\nT1,P1,打桩\n", encoding="utf-8")
    pmso.post("/connectors/csv_folder/check")
    assert "检查通过" in pmso.get("/connectors").get_data(as_text=True)


def test_bad_settings_come_back_with_the_reason(login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    form = {"folder": "", "files": "projects = ../x.csv", "max_megabytes": "0"}
    answer = pmso.post("/connectors/csv_folder", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "必须填写" in page and "不写路径" in page and "不能小于 1" in page
    assert "../x.csv" in page
    assert "还没有设置" in pmso.get("/connectors").get_data(as_text=True)


def test_a_check_before_setting_up(login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    answer = pmso.post("/connectors/csv_folder/check", follow_redirects=True)
    assert "还没有设置" in answer.get_data(as_text=True)
    assert pmso.post("/connectors/nothing", data={}).status_code == 404
    assert pmso.post("/connectors/nothing/check", follow_redirects=True).status_code == 200


CONNECTOR = """
import threading
from pydantic import BaseModel

class Config(BaseModel):
    server: str = "x"

class Bad:
    def check(self, ctx, config):
        {body}
    def discover(self, ctx, config):
        return ()
    def pull(self, ctx, config, entity, cursor):
        return Pulled(())

@hookimpl
def portal_erp_connectors(ctx):
    return [ConnectorKind("bad", "坏连接器", "x", Config, (), Bad())]
"""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "sys.exit"),
        ("return True", "bool"),
        ("threading.Event().wait(30)", "没有答复"),
        (
            "raise ProblemError(Problem('JS-4003', '令牌过期', '换一个'))",
            "令牌过期",
        ),
    ],
)
def test_a_connector_that_fails_is_named(
    body: str, says: str, write_plugin: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.accounts.models import User
    from portal.erp import service

    monkeypatch.setattr(service, "CHECK_SECONDS", 0.3 if "wait" in body else 20.0)
    write_plugin("bad", CONNECTOR.format(body=body))
    with load().app_context():
        with write() as session:
            actor = User(name="pia", role=Role.PMSO)
            session.add(actor)
        assert service.save(actor, "bad", {"server": "y"}) == ()
        result = service.check(actor, "bad")
        assert not result.ok
        assert says in result.problems[0].text()
        page = service.page("bad")
        assert page is not None and page.result is not None
        assert page.result.problems[0].text() == result.problems[0].text()
        db.session.rollback()


def test_a_connector_whose_plugin_is_gone_keeps_its_settings(app: Flask, login_as: Login) -> None:
    from portal.plugin_host import settings_page

    pmso = login_as(Role.PMSO)
    form = {"folder": "erp", "files": "projects = p.csv", "max_megabytes": "5"}
    pmso.post("/connectors/csv_folder", data=form)
    plugin = host().plugin("csv_folder")
    assert plugin is not None
    settings_page.switch(None, plugin, enabled=False)
    assert pmso.get("/connectors/csv_folder").status_code == 404
    assert pmso.get("/connectors").status_code == 200
    settings_page.switch(None, plugin, enabled=True)
    assert 'value="erp"' in pmso.get("/connectors/csv_folder").get_data(as_text=True)
