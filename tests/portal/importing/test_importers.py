"""Importers from plugins: files they can read, and importers that are broken in every way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from kb.problems import Problem, ProblemError
from portal.db import db
from portal.importing import converting, service
from portal.importing.report import Outcome
from portal.library.models import Article, Media, Revision
from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

TABLE = "问题,答案,标签\n怎么请假？,填表,人事\n怎么报销？,贴票,财务\n没答案,,\n"

IMPORTER = """
import sys, threading
gate = threading.Event()

def convert(ctx, path, into):
    {body}

@hookimpl
def portal_importers(ctx):
    return [Importer("trial", "试验格式", (".trial", ".t.gz"), convert{more})]
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "问答.csv"
    path.write_bytes(TABLE.encode("gb18030"))
    return path


def bodies() -> dict[str, str]:
    query = db.session.query(Article, Revision).filter(
        Revision.article_id == Article.id, Revision.number == Article.head_number
    )
    return {article.title: revision.body for article, revision in query}


def test_a_table_becomes_articles_and_again_only_changes_are_new(app: Flask, table: Path) -> None:
    report = service.import_path(table, publish=True)
    assert report.counts()[Outcome.CREATED] == 2 and report.exit_code == 1
    assert [problem.where for problem in report.problems] == ["问答.csv:4"]
    assert bodies() == {"怎么请假？": "填表\n", "怎么报销？": "贴票\n"}
    assert {article.kind for article in db.session.query(Article)} == {"faq"}
    assert {article.source_collection for article in db.session.query(Article)} == {str(table)}
    table.write_text(TABLE.replace("填表", "线上填").replace("没答案", "有答案了,嗯"), "utf-8")
    report = service.import_path(table, publish=True)
    assert report.counts()[Outcome.UPDATED] == 1 and report.counts()[Outcome.UNCHANGED] == 1
    assert bodies()["怎么请假？"] == "线上填\n" and report.exit_code == 0


def test_kind_and_space_and_importer_can_be_chosen(app: Flask, table: Path) -> None:
    odd = table.rename(table.with_suffix(".export"))
    report = service.import_path(odd, kind="tutorial", importer="faq-table")
    assert report.counts()[Outcome.CREATED] == 2
    assert {article.kind for article in db.session.query(Article)} == {"tutorial"}


@pytest.mark.parametrize(
    ("name", "importer", "says"),
    [
        ("旧手册.docx", None, ".docx"),
        ("旧手册.tar.gz", None, ".gz"),
        ("问答.csv", "nothing", "nothing"),
    ],
)
def test_what_nobody_reads_is_refused_and_the_importers_are_named(
    name: str, importer: str | None, says: str, app: Flask, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    with pytest.raises(ProblemError) as caught:
        service.import_path(tmp_path / name, importer=importer)
    problem = caught.value.problem
    assert problem.code == "JS-2007" and says in problem.text()
    assert "faq-table" in problem.next_step() and ".csv" in problem.next_step()


@pytest.mark.parametrize("name", ["页.md", "页.txt", "页"])
def test_a_single_text_file_is_still_a_page(name: str, app: Flask, tmp_path: Path) -> None:
    (tmp_path / name).write_text("# 页\n\n文\n", encoding="utf-8")
    assert service.import_path(tmp_path / name).counts()[Outcome.CREATED] == 1


def test_a_plugins_importer_brings_pages_and_pictures(
    write_plugin: Write,
    load: Load,
    tmp_path: Path,
) -> None:
    write_plugin(
        "good",
        IMPORTER.format(
            more=', kind="faq"',
            body="""
    from PIL import Image
    Image.new("RGB", (2, 3)).save(into / "x.png")
    text = "# 首页\\n\\n![x](x.png)\\n\\n" + path.read_text("utf-8")
    (into / "index.md").write_text(text, "utf-8")
    yield Problem("JS-2007", "第 %(n)s 页有脚注没有转换", "看一看", path.name, "warning", {"n": 3})
    """,
        ),
    )
    path = tmp_path / "手册.t.gz"
    path.write_text("正文", encoding="utf-8")
    with load().app_context():
        report = service.import_path(path, publish=True)
        assert report.exit_code == 0 and report.media == 1
        assert report.problems[0].text() == "第 3 页有脚注没有转换"
        article = db.session.query(Article).one()
        # Named after the file that was imported, not after the folder it went through.
        assert (article.kind, article.slug) == ("faq", "手册-t")
        assert json.dumps(report.as_json())


BROKEN = [
    ("1 / 0", "ZeroDivisionError"),
    ("sys.exit(3)", "sys.exit"),
    ("raise GeneratorExit", "GeneratorExit"),
    ("return None", "NoneType"),
    ("return 'fine'", "str"),
    ("return ['not a problem']", "str"),
    ("yield 3", "int"),
    ("yield Problem('JS-2007', '%(a)s', 'x', params={'b': 1})", "KeyError"),
    ("return []", "转换出文章"),
    ("gate.wait(60); return []", "还没做完"),
    ("raise ProblemError(Problem('JS-2007', '文件加了密', '去掉密码'))", "文件加了密"),
]


@pytest.mark.parametrize(("body", "says"), BROKEN)
def test_a_broken_importer_is_named_and_nothing_comes_in(
    body: str,
    says: str,
    write_plugin: Write,
    load: Load,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "gate" in body:
        monkeypatch.setattr(converting, "CONVERT_SECONDS", 0.2)
    page = '(into / "a.md").write_text("# 半截", "utf-8"); ' if "[]" not in body else ""
    write_plugin("bad", IMPORTER.format(body=page + body, more=""))
    path = tmp_path / "x.trial"
    path.write_text("x", encoding="utf-8")
    with load().app_context():
        with pytest.raises(ProblemError) as caught:
            service.import_path(path, publish=True)
        problem = caught.value.problem
        assert problem.code == "JS-2007" and says in problem.text() and problem.next_step()
        own_answer = "ProblemError" in body
        assert own_answer or "bad" in problem.text()
        assert db.session.query(Article).count() == db.session.query(Media).count() == 0
        plugin = host().plugin("bad")
        assert plugin is not None and plugin.module is not None
        plugin.module.gate.set()
        answered = own_answer or "转换出文章" in says
        assert plugin.state is (State.ACTIVE if answered else State.DEGRADED)
        # Everything else goes on.
        (tmp_path / "页.md").write_text("# 页", encoding="utf-8")
        assert service.import_path(tmp_path / "页.md").exit_code == 0


def test_an_importers_wrong_kind_is_its_plugins_fault(
    write_plugin: Write,
    load: Load,
    tmp_path: Path,
) -> None:
    write_plugin("bad", IMPORTER.format(body="return []", more=", kind='poem'"))
    (tmp_path / "x.trial").write_text("x", encoding="utf-8")
    with load().app_context():
        with pytest.raises(ProblemError) as caught:
            service.import_path(tmp_path / "x.trial")
        problem = caught.value.problem
        assert "poem" in problem.text() and "bad" in problem.next_step()


def test_what_an_importer_links_to_from_outside_stays_outside(
    write_plugin: Write,
    load: Load,
    tmp_path: Path,
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# 秘密", encoding="utf-8")
    body = f"""
    (into / "link.md").symlink_to({str(secret)!r})
    (into / "a.md").write_text("# 甲", "utf-8")
    return []
    """
    write_plugin("sly", IMPORTER.format(body=body, more=""))
    (tmp_path / "x.trial").write_text("x", encoding="utf-8")
    with load().app_context():
        service.import_path(tmp_path / "x.trial")
        assert [article.title for article in db.session.query(Article)] == ["甲"]


def test_a_problem_that_cannot_be_said_is_no_way_out() -> None:
    with pytest.raises(KeyError):
        str(Problem("JS-2007", "%(a)s", "x", params={"b": 1}))
