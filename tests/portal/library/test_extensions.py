"""A plugin's Markdown extension that is broken: the page is there, and who must know is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.db import write
from portal.importing import service as importing
from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import load, write_plugin  # noqa: F401

EXTENSION = """
import sys, threading
from markdown import Extension
from markdown.treeprocessors import Treeprocessor

gate = threading.Event()

class Bad(Treeprocessor):
    def run(self, root):
        {body}

class BadExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Bad(md), "bad", 30)

@hookimpl
def portal_markdown_extensions(ctx):
    return [MarkdownExtension(MarkupExtension("bad", "1", BadExtension), "坏扩展")]
"""


def browser(app: Flask, role: Role) -> FlaskClient:
    with write() as session:
        user = User(name=role.value, display_name=role.value, role=role)
        session.add(user)
    client = app.test_client()
    token = accounts.open_session(user.id, address="127.0.0.1", agent="test")
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("sys.exit(3)", "sys.exit"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("gate.wait(60)", "太慢"),
        ("return 'no element'", ""),
    ],
)
def test_readers_see_the_page_editors_a_notice_and_administrators_the_reason(
    body: str, says: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    write_file: Callable[..., Path] = request.getfixturevalue("write_plugin")
    build: Callable[..., Flask] = request.getfixturevalue("load")
    write_file("bad", EXTENSION.format(body=body))
    page = tmp_path / "page.md"
    page.write_text("# 页\n\n正文 [[Ctrl+K]]\n", encoding="utf-8")
    with (app := build(plugins_budget_ms=1_000 if "gate" in body else 60_000)).app_context():
        report = importing.import_path(page, kind="faq", publish=True)
        assert report.exit_code == 0
        seen = app.test_client().get("/faq/page")
        assert seen.status_code == 200
        # The other extensions do their work.
        assert "正文" in seen.text and "<kbd>Ctrl</kbd>" in seen.text
        assert "没能运行" not in seen.text
        assert "没能运行" not in browser(app, Role.READER).get("/faq/page").text
        shown = browser(app, Role.ADMIN).get("/faq/page").text
        assert "没能运行（bad）" in shown
        plugin = host().plugin("bad")
        assert plugin is not None and plugin.module is not None
        plugin.module.gate.set()
        assert plugin.state is State.DEGRADED
        failure = plugin.failures[0]
        assert failure.where == "markdown bad" and failure.traceback
        assert says in failure.problem.text()
