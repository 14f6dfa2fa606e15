"""Content sources from plugins: fetched, imported, fetched again; and sources that are broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from kb.problems import ProblemError
from portal.cli import sync
from portal.cli.sync import _exit_code, command
from portal.db import db, utcnow
from portal.importing import sources
from portal.importing.report import Outcome
from portal.jobs import service as jobs
from portal.jobs.models import JobRun
from portal.library.models import Article
from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

SOURCE = """
import sys, threading
from pathlib import Path
gate = threading.Event()

def fetch(ctx, into):
    {body}

@hookimpl
def portal_content_sources(ctx):
    return [ContentSource({name!r}, "试验来源", "x", fetch{more})]
"""

GOOD = """
    for path in Path({shelf!r}).iterdir():
        (into / path.name).write_bytes(path.read_bytes())
    return into
    """


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "a.md").write_text("# 甲\n\n一\n", encoding="utf-8")
    (folder / "b.md").write_text("# 乙\n\n二\n", encoding="utf-8")
    return folder


@pytest.fixture
def good(write_plugin: Write, shelf: Path) -> None:
    body = GOOD.format(shelf=str(shelf))
    more = ', kind="faq", publish=True, every_minutes=30'
    write_plugin("wiki", SOURCE.format(body=body, name="wiki", more=more))


@pytest.mark.usefixtures("good")
def test_articles_come_in_change_and_are_missed_when_gone(load: Load, shelf: Path) -> None:
    with load().app_context():
        (done,) = sources.sync("wiki")
        assert done.exit_code == 0 and done.report is not None
        assert done.report.counts()[Outcome.CREATED] == 2
        articles = db.session.query(Article).all()
        assert {article.source_collection for article in articles} == {"source:wiki:wiki"}
        assert all(a.kind == "faq" and a.published_revision_id is not None for a in articles)
        (shelf / "a.md").write_text("# 甲\n\n新\n", encoding="utf-8")
        (shelf / "b.md").unlink()
        (done,) = sources.sync()
        assert done.report is not None and done.exit_code == 0
        assert done.report.counts()[Outcome.UPDATED] == 1
        (gone,) = done.report.problems
        assert (gone.where, gone.severity) == ("b.md", "warning") and gone.next_step()
        assert db.session.query(Article).count() == 2


@pytest.mark.usefixtures("good")
def test_the_worker_fetches_timed_sources_when_they_are_due(load: Load) -> None:
    with load().app_context():
        now = utcnow()
        jobs.run_due(now)
        assert db.session.query(Article).count() == 0
        jobs.run_due(now + timedelta(minutes=31))
        assert db.session.query(Article).count() == 2
        run = db.session.query(JobRun).filter_by(plugin="wiki").one()
        assert run.job == "source:wiki" and run.error == "" and "新增 2" in run.result


def test_a_source_without_a_rhythm_is_no_job(
    write_plugin: Write,
    load: Load,
    shelf: Path,
) -> None:
    write_plugin("quiet", SOURCE.format(body=GOOD.format(shelf=str(shelf)), name="q", more=""))
    with load().app_context():
        assert list(sources.scheduled()) == []


def test_no_such_source(load: Load) -> None:
    with load().app_context():
        assert sources.sync() == []
        with pytest.raises(ProblemError) as caught:
            sources.sync("nowhere")
        assert caught.value.problem.code == "JS-4003" and "nowhere" in caught.value.problem.text()


BROKEN = [
    ("1 / 0", "ZeroDivisionError"),
    ("sys.exit(3)", "sys.exit"),
    ("return None", "NoneType"),
    ("return str(into)", "str"),
    ("return into.parent", "outside"),
    ("return Path('/')", "outside"),
    ("return into / '..' / '..'", "outside"),
    ("(into / 'x').symlink_to('/etc'); return into / 'x'", "outside"),
    ("return into / 'nothing'", "nothing"),
    ("gate.wait(60); return into", "没有取完"),
    ("return into", "没有取到"),
    ("(into / 'x.png').write_bytes(b'x'); return into", "没有取到"),
    ("raise ProblemError(Problem('JS-4003', '令牌过期', '换一个'))", "令牌过期"),
]


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize(("body", "says"), BROKEN)
def test_a_broken_source_is_named_and_the_others_come_in(
    body: str,
    says: str,
    write_plugin: Write,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "gate" in body:
        monkeypatch.setattr(sources, "FETCH_SECONDS", 0.2)
    write_plugin("bad", SOURCE.format(body=body, name="bad", more=""))
    with load().app_context():
        done = {one.plugin: one for one in sources.sync()}
        assert done["wiki"].exit_code == 0
        problem = done["bad"].problem
        assert done["bad"].exit_code == 2 and problem is not None
        assert says in problem.text() and problem.next_step()
        assert problem.code in {"JS-4001", "JS-4003"}
        own_answer = "ProblemError" in body
        assert own_answer or "bad" in problem.text()
        assert {article.source_collection for article in db.session.query(Article)} == {
            "source:wiki:wiki"
        }
        plugin = host().plugin("bad")
        assert plugin is not None and plugin.module is not None
        plugin.module.gate.set()
        answered = own_answer or "取到" in says
        assert plugin.state is (State.ACTIVE if answered else State.DEGRADED)


@pytest.mark.parametrize("more", [", kind='poem'", ", space='nowhere'"])
def test_a_wrong_kind_or_space_is_said(
    more: str,
    write_plugin: Write,
    load: Load,
    shelf: Path,
) -> None:
    body = GOOD.format(shelf=str(shelf))
    write_plugin("bad", SOURCE.format(body=body, name="bad", more=more))
    with load().app_context():
        (done,) = sources.sync()
        assert done.problem is not None and done.problem.next_step()
        assert db.session.query(Article).count() == 0


@pytest.mark.usefixtures("good")
def test_a_failed_run_of_the_worker_keeps_the_reason(
    write_plugin: Write,
    load: Load,
) -> None:
    write_plugin("bad", SOURCE.format(body="1 / 0", name="bad", more=", every_minutes=1"))
    with load().app_context():
        now = utcnow()
        jobs.run_due(now)
        jobs.run_due(now + timedelta(minutes=31))
        run = db.session.query(JobRun).filter_by(plugin="bad").one()
        assert "ZeroDivisionError" in run.error
        assert db.session.query(Article).count() == 2


@pytest.mark.usefixtures("good")
def test_the_command_prints_a_report_and_exits_by_it(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = load()

    @contextmanager
    def here() -> Iterator[Flask]:
        with app.app_context():
            yield app

    monkeypatch.setattr(sync, "portal_app", here)
    done = CliRunner().invoke(command, ["--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)["sources"][0]
    assert (report["plugin"], report["name"], report["report"]["created"]) == ("wiki", "wiki", 2)
    done = CliRunner().invoke(command, ["wiki"])
    assert done.exit_code == 0 and "未变 2" in done.stdout and "试验来源" in done.stdout


@pytest.mark.parametrize(("codes", "code"), [([], 0), ([0], 0), ([0, 1], 1), ([0, 2], 1), ([2], 2)])
def test_the_exit_code_is_2_only_when_nothing_could_begin(codes: list[int], code: int) -> None:
    @dataclass
    class Done:
        exit_code: int

    assert _exit_code([Done(one) for one in codes]) == code  # type: ignore[misc]
