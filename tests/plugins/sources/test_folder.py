"""The folder source: what is copied, what is not, and what it says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from kb.problems import ProblemError
from plugins.folder_source import copying
from plugins.folder_source.plugin import Config, portal_content_sources
from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.api import ContentSource, PluginContext
from portal.db import db, utcnow, write
from portal.importing import sources
from portal.importing.report import Outcome
from portal.jobs import service as jobs
from portal.library.models import Article
from portal.plugin_host import host
from portal.plugin_host.config import is_locked
from portal.plugin_host.states import State

MakeCtx = Callable[..., PluginContext]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with two pages and a picture."""
    root = tmp_path / "shelf"
    (root / "img").mkdir(parents=True)
    (root / "a.md").write_text("# 甲\n\n![图](img/x.png)\n", encoding="utf-8")
    (root / "b.md").write_text("# 乙\n\n文\n", encoding="utf-8")
    (root / "img" / "x.png").write_bytes(b"\x89PNG")
    return root


def source_of(make_ctx: MakeCtx, **folder: object) -> tuple[PluginContext, ContentSource]:
    ctx = make_ctx(Config.model_validate({"folders": [folder]}), "folder_source")
    return ctx, portal_content_sources(ctx)[0]


def copied(into: Path) -> list[str]:
    return sorted(str(path.relative_to(into)) for path in into.rglob("*") if path.is_file())


def test_without_settings_there_is_no_source(make_ctx: MakeCtx) -> None:
    assert portal_content_sources(make_ctx(Config())) == []


def test_pages_and_pictures_are_copied_and_nothing_else(
    make_ctx: MakeCtx, shelf: Path, tmp_path: Path
) -> None:
    for name in (".hidden.md", "run.exe", "notes.docx"):
        (shelf / name).write_text("x", encoding="utf-8")
    (shelf / ".git").mkdir()
    (shelf / ".git" / "c.md").write_text("x", encoding="utf-8")
    into = tmp_path / "into"
    into.mkdir()
    ctx, source = source_of(make_ctx, path=str(shelf))
    assert source.fetch(ctx, into) == into
    assert copied(into) == ["a.md", "b.md", "img/x.png"]


def test_links_that_lead_out_are_passed_over(
    make_ctx: MakeCtx, shelf: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.md").write_text("秘密", encoding="utf-8")
    (shelf / "out.md").symlink_to(secret / "s.md")
    (shelf / "folder").symlink_to(secret)
    (shelf / "round").symlink_to(shelf)
    (shelf / "gone.md").symlink_to(shelf / "nothing.md")
    (shelf / "inside.md").symlink_to(shelf / "b.md")
    into = tmp_path / "into"
    into.mkdir()
    ctx, source = source_of(make_ctx, path=str(shelf))
    source.fetch(ctx, into)
    assert copied(into) == ["a.md", "b.md", "img/x.png", "inside.md"]
    assert not (into / "inside.md").is_symlink()


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_BYTES"])
def test_too_much_is_refused(
    limit: str, make_ctx: MakeCtx, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, limit, 2)
    ctx, source = source_of(make_ctx, path=str(shelf))
    with pytest.raises(ProblemError) as caught:
        source.fetch(ctx, tmp_path / "into")
    assert caught.value.problem.code == "JS-2003" and caught.value.problem.next_step()


def test_a_missing_folder_is_named_with_the_next_step(make_ctx: MakeCtx, tmp_path: Path) -> None:
    ctx, source = source_of(make_ctx, path=str(tmp_path / "nowhere"))
    with pytest.raises(ProblemError) as caught:
        source.fetch(ctx, tmp_path)
    problem = caught.value.problem
    assert problem.code == "JS-4003" and "nowhere" in problem.text() and problem.next_step()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_inside_stops_it(
    make_ctx: MakeCtx, shelf: Path, tmp_path: Path
) -> None:
    (shelf / "img").chmod(0)
    ctx, source = source_of(make_ctx, path=str(shelf))
    try:
        with pytest.raises(ProblemError) as caught:
            source.fetch(ctx, tmp_path / "into")
    finally:
        (shelf / "img").chmod(0o755)
    assert caught.value.problem.code == "JS-4003" and "img" in caught.value.problem.text()


def test_folders_are_the_operators_and_their_names_differ(tmp_path: Path) -> None:
    assert is_locked(Config, "folders")
    one, two = {"path": "/a"}, {"path": "/b"}
    names = [folder.known_as for folder in Config.model_validate({"folders": [one, two]}).folders]
    assert len(set(names)) == 2
    with pytest.raises(ValueError, match="都叫"):
        Config.model_validate({"folders": [{**one, "name": "x"}, {**two, "name": "x"}]})


def test_in_a_portal_from_settings_to_articles(make_app: Callable[..., Flask], shelf: Path) -> None:
    folder = {
        "path": str(shelf),
        "name": "shelf",
        "title": "书架",
        "kind": "faq",
        "publish": True,
        "every_minutes": 5,
    }
    app = make_app(anonymous_read=True, plugins={"folder_source": {"folders": [folder]}})
    with app.app_context():
        done = sources.sync("shelf")
        assert [one.exit_code for one in done] == [0]
        assert {article.kind for article in db.session.query(Article)} == {"faq"}
        assert app.test_client().get("/faq/b").status_code == 200
        (shelf / "b.md").write_text("# 乙\n\n新\n", encoding="utf-8")
        report = sources.sync()[0].report
        assert report is not None
        assert report.counts()[Outcome.UPDATED] == 1
        # The worker's jobs, and how it looks to administrators.
        assert "source:shelf" in [page.job.name for page in jobs.pages(utcnow())]
        plugin = host().plugin("folder_source")
        assert plugin is not None and plugin.state is State.ACTIVE


def test_the_settings_page_shows_the_folders(make_app: Callable[..., Flask], shelf: Path) -> None:
    app = make_app(plugins={"folder_source": {"folders": [{"path": str(shelf)}]}})
    with app.app_context():
        with write() as session:
            admin = User(name="ada", display_name="Ada", role=Role.ADMIN)
            session.add(admin)
        token = accounts.open_session(admin.id, address="127.0.0.1", agent="test")
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        page = client.get("/admin/plugins/folder_source")
        assert page.status_code == 200 and "shelf" in page.text
