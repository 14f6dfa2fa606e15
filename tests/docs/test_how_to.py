"""Every how-to: its plugin loads as printed, and what it adds is used once for what it is for."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.markup.renderer import Renderer
from kb.problems import ProblemError
from kb.search import SearchDocument, parse_query
from portal.api import ConnectorKind, Done, Identity, ProjectView, Retry, Viewer, Wait
from portal.contributions import PlannedTask
from portal.db import db
from portal.importing import service as importing
from portal.library.models import Article
from portal.plugin_host import host
from portal.testing import RecordingServer
from portal.testing.connectors import ConnectorContract
from portal.testing.steps import StepContract, step_run
from tests.docs.conftest import PAGES, Written

DAY = date(2026, 3, 2)

TRIED = {
    # Page → the hooks whose contributions are used below.
    "template.md": {"portal_project_templates"},
    "step.md": {"portal_workflow_step_kinds"},
    "connector.md": {"portal_erp_connectors"},
    "content-kind.md": {"portal_content_kinds"},
    "markdown-extension.md": {"portal_markdown_extensions"},
    "widget.md": {"portal_dashboard_widgets", "portal_template_slots"},
    "importer.md": {"portal_importers"},
    "search-engine.md": {"portal_search_engines"},
    "auth-provider.md": {"portal_auth_providers"},
    "pages.md": {"portal_blueprints", "portal_navigation", "portal_permissions"},
}


def test_every_how_to_is_tried_here() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    pages = {name for name, text in texts.items() if '\ntitle: "How to' in text}
    assert pages - {"own-tables.md"} == set(TRIED)


def only(hook: str, plugin: str) -> Any:
    """What a plugin contributes to a hook, if it is one."""
    [item] = [one.item for one in host().collected(hook) if one.plugin == plugin]
    return item


@pytest.mark.parametrize("page", TRIED)
def test_the_plugin_is_active_and_adds_what_it_says(page: str, written: Written) -> None:
    plugin = written(page)
    assert set(plugin.hooks) == TRIED[page]
    assert f" as `{plugin.name}.py`" in (PAGES / page).read_text(encoding="utf-8")


def test_template(written: Written, client: FlaskClient) -> None:
    written("template.md")
    assert "量尺寸、画座位图" in client.get("/templates/office_move").text
    template = only("portal_project_templates", "office_move")
    assert [one.wbs for one in template.milestones] == ["1.4"]
    links = {link.url for task in template.tasks for link in task.learn}
    content = PAGES.parents[1] / "content"
    assert links and all((content / f"{url}.md".lstrip("/")).is_file() for url in links)


class TestStep(StepContract):
    """The step keeps the contract."""

    name = "inspection"
    wrong = ({"address": "nowhere"}, {"address": "https://a.example", "every_minutes": 0})

    @pytest.fixture
    def kind(self, written: Written) -> Any:
        written("step.md")
        return only("portal_workflow_step_kinds", "inspection")

    @pytest.fixture
    def settings(self, recording_server: RecordingServer) -> Mapping[str, Any]:
        recording_server.answer("/report", {"state": "passed"})
        return {"address": recording_server.url("/report")}

    def test_what_it_says_of_each_answer(
        self, kind: Any, ctx: Any, recording_server: RecordingServer
    ) -> None:
        recording_server.answer("/waiting", {"state": "open"})
        recording_server.answer("/passed", {"state": "passed"})
        config = kind.config_model(address=recording_server.url("/waiting"))
        step = step_run(kind, config)
        waits = kind.enter(ctx, step)
        assert isinstance(waits, Wait) and waits.until is not None
        assert (waits.until - step.now).total_seconds() == 30 * 60
        passed = kind.config_model(address=recording_server.url("/passed"))
        assert kind.enter(ctx, replace(step, config=passed)) == Done("passed")
        gone = kind.config_model(address=recording_server.url("/none"))
        assert isinstance(kind.enter(ctx, replace(step, config=gone)), Retry)
        assert recording_server.requests[0].headers["idempotency-key"] == step.key


class TestConnector(ConnectorContract):
    """The connector keeps the contract."""

    name = "json_tasks"
    wrong = ({"file": "../portal.toml"}, {"file": ""})

    @pytest.fixture
    def kind(self, written: Written, app: Flask) -> ConnectorKind:
        written("connector.md")
        kind: ConnectorKind = only("portal_erp_connectors", "json_tasks")
        return kind

    @pytest.fixture
    def settings(self, ctx: Any) -> Mapping[str, Any]:
        ctx.connectors_dir.mkdir(exist_ok=True)
        rows = [{"id": 1, "name": "打样", "owner": "李娜"}, {"id": 2, "name": "送检"}]
        (ctx.connectors_dir / "tasks.json").write_text(json.dumps(rows), encoding="utf-8")
        return {}

    @pytest.fixture
    def unreachable(self) -> Mapping[str, Any]:
        return {"file": "none.json"}

    def test_the_rows(self, kind: ConnectorKind, ctx: Any, settings: Mapping[str, Any]) -> None:
        pulled = kind.connector.pull(ctx, kind.config_model(), "tasks", "")
        assert pulled.rows[0] == {"id": "1", "name": "打样", "owner": "李娜"}


def test_content_kind(written: Written, client: FlaskClient, tmp_path: Path) -> None:
    written("content-kind.md")
    folder = tmp_path / "wiki" / "decisions"
    folder.mkdir(parents=True)
    page = "---\ntitle: 换供应商\ndecided_by: 李娜\nrejected: 再等一个月\n---\n正文\n"
    (folder / "supplier.md").write_text(page, encoding="utf-8")
    report = importing.import_path(tmp_path / "wiki", publish=True)
    assert [page.url for page in report.pages] == ["/decisions/supplier"]
    assert "换供应商" in client.get("/decisions/supplier").text
    assert "换供应商" in client.get("/decisions/").text
    [article] = db.session.query(Article)
    assert article.published is not None and article.published.fields["decided_by"] == "李娜"


def test_markdown_extension(written: Written) -> None:
    written("markdown-extension.md")
    markup = only("portal_markdown_extensions", "tickets").markup
    html = Renderer([markup]).render("见 PM-123，`PM-4`。").html
    assert 'href="https://tracker.example.com/browse/PM-123"' in html
    assert "PM-4</code>" in html and html.count("<a ") == 1


@pytest.mark.parametrize(
    "portal_settings",
    [{"plugins": {"countdown": {"dates": {"年中评审 <b>": "2999-06-30", "过去": "2001-01-01"}}}}],
)
def test_card_and_slot(written: Written, client: FlaskClient) -> None:
    written("widget.md")
    page = client.get("/").text
    assert "年中评审 &lt;b&gt;：还有" in page and "过去" not in page
    task = PlannedTask("1.1", "打样", finish=DAY.replace(day=12))
    project = ProjectView(1, "导入", "/projects/1", tasks=(task,), today=DAY)
    assert "离完工还有 10 天" in host().cards.slot("project.end", Viewer(), project)


def test_importer(written: Written, client: FlaskClient, tmp_path: Path) -> None:
    written("importer.md")
    path = tmp_path / "周会.minutes"
    path.write_text("周会纪要\n\n定了三件事\n# 不是标题\n", encoding="utf-8")
    report = importing.import_path(path, publish=True)
    [page] = report.pages
    assert page.url is not None and page.url.startswith("/faq/")
    shown = client.get(page.url).text
    assert "<p>定了三件事</p>" in shown and "<p># 不是标题</p>" in shown
    path.write_text("只有标题\n", encoding="utf-8")
    again = importing.import_path(path, publish=True)
    assert [problem.severity for problem in again.problems] == ["warning"]
    path.write_bytes("周会".encode("gb18030"))
    with pytest.raises(ProblemError, match="UTF-8"):
        importing.import_path(path)


@pytest.mark.parametrize(
    "portal_settings", [{"plugins": {"search_abbreviations": {"words": {"NPI": "新产品导入"}}}}]
)
def test_search_engine(written: Written, plugin_ctx: Callable[[str], Any], tmp_path: Path) -> None:
    written("search-engine.md")
    kind = only("portal_search_engines", "search_abbreviations")
    engine = kind.make(plugin_ctx("search_abbreviations"), tmp_path / "index")
    engine.rebuild(
        [SearchDocument("1", "faq", "新产品导入怎么排期"), SearchDocument("2", "faq", "请假")]
    )
    assert [hit.id for hit in engine.search(parse_query("npi")).hits] == ["1"]
    assert [hit.id for hit in engine.search(parse_query("请假")).hits] == ["2"]
    engine.close()


@pytest.fixture
def staff_service() -> Iterator[HTTPServer]:
    """A service that knows one person, and breaks for another."""
    asked: list[Mapping[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({**body, "key": self.headers["X-Key"]})
            known = body == {"name": "li.na", "password": "four unrelated words here"}
            self.send_response(200 if known else 500 if body["name"] == "breaks" else 401)
            self.end_headers()
            if known:
                self.wfile.write(json.dumps({"login": "li.na", "name": "李娜"}).encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = asked  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class TestSignIn:
    """The provider signs people in."""

    @pytest.fixture
    def portal_settings(self, staff_service: HTTPServer) -> Mapping[str, Any]:
        address = f"http://127.0.0.1:{staff_service.server_port}/"
        return {"plugins": {"staff_login": {"address": address, "key": "a key"}}}

    def test_through_the_sign_in_page(
        self, written: Written, client: FlaskClient, staff_service: Any
    ) -> None:
        written("auth-provider.md")
        form = {"name": "li.na", "password": "four unrelated words here"}
        assert client.post("/login", data=form).status_code == 302
        assert "李娜" in client.get("/").text
        assert staff_service.asked == [{**form, "key": "a key"}]

    def test_no_and_cannot_tell(self, written: Written, plugin_ctx: Callable[[str], Any]) -> None:
        written("auth-provider.md")
        provider = only("portal_auth_providers", "staff_login")
        ctx = plugin_ctx("staff_login")
        word = "four unrelated words here"
        assert provider.authenticate(ctx, "li.na", word) == Identity("li.na", "李娜")
        assert provider.authenticate(ctx, "li.na", "wrong") is None
        with pytest.raises(ProblemError, match="没有答复"):
            provider.authenticate(ctx, "breaks", word)


def test_pages(written: Written, client: FlaskClient, login_as: Callable[..., FlaskClient]) -> None:
    written("pages.md")
    assert "8000" in client.get("/x/hotline/").text
    assert client.get("/x/hotline/roster/").status_code == 302
    assert login_as("reader").get("/x/hotline/roster/").status_code == 404
    reviewer = login_as("reviewer", "wang")
    [link] = re.findall(r'href="(/x/hotline/r[^"]*)"', reviewer.get("/x/hotline/").text)
    assert "<p>Wang</p>" in reviewer.get(link).text
    assert 'href="/x/hotline/"' in client.get("/").text
