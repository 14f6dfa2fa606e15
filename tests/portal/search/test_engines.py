"""Engines from plugins: chosen by a setting, followed when switched, contained when they fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from kb.problems import ProblemError
from kb.search.model import IndexUnavailable, SearchDocument
from portal.accounts.models import Role, User
from portal.db import db, write
from portal.library import service as library
from portal.library.models import ContentChange, Space
from portal.plugin_host import host, store
from portal.plugin_host.states import State
from portal.search import guarded
from portal.search import service as search
from tests.portal.plugins.conftest import Load, load, write_plugin  # noqa: F401

Write = Callable[..., Path]

ENGINE = """
    import threading
    from plugins.search_fts5.engine import Fts5Engine

    gate = threading.Event()
    calls = []

    class Trial(Fts5Engine):
        pass
    {methods}

    @hookimpl
    def portal_search_engines(ctx):
        return [SearchEngineKind("trial", "试验", "", lambda ctx, folder: {make})]
"""


def an_engine(write_plugin: Write, *methods: str, make: str = "Trial(folder)") -> None:  # noqa: F811
    """Write the plugin ``trial``: the engine on SQLite with other `methods`."""
    lines = "".join(f"\n        {line}" for method in methods for line in method.splitlines())
    write_plugin("trial", ENGINE.format(methods=lines, make=make))


def publish(slug: str, title: str, body: str = "正文。") -> int:
    """Publish an article; it is not indexed yet."""
    with write() as session:
        author = session.query(User).filter_by(name="author").one_or_none()
        if author is None:
            author = User(name="author", display_name="作者", role=Role.PMSO)
            session.add(author)
    space = db.session.query(Space.id).filter_by(slug="public").scalar()
    words = library.Words(title=title, body=body)
    revision = library.create(author, kind="faq", slug=slug, space_id=space, words=words)
    library.publish(author, revision.article_id, revision.number)
    return revision.article_id


def answers(app: Flask, text: str = "甘特图") -> str:
    """Ask all that search; nothing may fail. Gives the page of results."""
    client = app.test_client()
    for path in ("/api/v1/search", "/api/v1/suggest", "/healthz", "/search"):
        answer = client.get(path, query_string={"q": text})
        assert answer.status_code == 200, path
    return answer.text


def failures(name: str = "trial") -> list[str]:
    """Where the plugin has failed."""
    plugin = host().plugin(name)
    assert plugin is not None
    return [failure.where for failure in plugin.failures]


@pytest.fixture
def fts5(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    app = make_app(anonymous_read=True, search_engine="fts5")
    with app.app_context():
        yield app


def test_the_engine_of_a_plugin_keeps_its_index_in_a_folder_of_its_own(fts5: Flask) -> None:
    publish("a", "甘特图是什么", "画出时间的图。\n\n## 交付物\n\n每个里程碑都写明交付物。\n")
    assert search.catch_up() == 1
    home: Path = fts5.config["SETTINGS"].home
    assert (home / "index-fts5" / "CURRENT").is_file()
    assert not (home / "index").exists()
    client = fts5.test_client()
    hit = client.get("/api/v1/search?q=交付物").get_json()["hits"][0]
    assert (hit["url"], hit["heading"]) == ("/faq/a", "交付物")
    assert client.get("/api/v1/suggest?q=甘特").get_json()["suggestions"][0]["url"] == "/faq/a"
    assert client.get("/healthz").get_json()["index"] == "ok"
    assert search.drift() == (set(), set())
    plugin = host().plugin("search_fts5")
    assert plugin is not None and plugin.state is State.ACTIVE


def test_another_engine_gets_what_was_published_while_it_was_not_in_use(
    make_app: Callable[..., Flask],
) -> None:
    titles = iter(["甘特图一", "甘特图二", "甘特图三"])
    for number, name in enumerate(("whoosh", "fts5", "whoosh"), 1):
        app = make_app(anonymous_read=True, search_engine=name)
        with app.app_context():
            publish(f"a{number}", next(titles))
            search.catch_up()
            assert search.search(None, "甘特图").total == number
            assert search.drift() == (set(), set())


def test_switching_the_plugin_off_and_on_is_followed_at_run_time(fts5: Flask) -> None:
    publish("a", "甘特图是什么", "画出时间的图。")
    search.catch_up()
    assert search.search(None, "时间").total == 1
    store.switch(None, "search_fts5", False)
    host().reload()
    page = answers(fts5)
    assert "JS-1004" in page and "search_engine" in page and "/faq/a" in page
    assert fts5.test_client().get("/healthz").get_json()["index"] == "down"
    publish("b", "甘特图画法")
    with pytest.raises(IndexUnavailable):
        search.catch_up()
    assert db.session.query(ContentChange).count() > 0
    store.switch(None, "search_fts5", True)
    host().reload()
    search.catch_up()
    assert "JS-1004" not in answers(fts5)
    assert search.search(None, "甘特图").total == 2
    assert db.session.query(ContentChange).count() == 0


def test_an_engine_is_made_anew_when_its_plugin_gets_other_settings(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
) -> None:
    an_engine(write_plugin)
    with load(search_engine="trial").app_context():
        first = search.engine()
        assert search.engine() is first
        host().reload()
        assert search.engine() is not first


def test_an_engine_nobody_provides_is_said_everywhere(make_app: Callable[..., Flask]) -> None:
    app = make_app(anonymous_read=True, search_engine="nobodys")
    with app.app_context():
        publish("a", "甘特图是什么")
        page = answers(app)
        assert "nobodys" in page and "search_engine" in page and "/faq/a" in page
        for work in (search.catch_up, search.rebuild, search.drift):
            with pytest.raises(ProblemError, match="nobodys"):
                work()


def test_reindex_and_doctor_speak_of_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.cli import doctor, init, reindex

    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "cli"))
    monkeypatch.setenv("PORTAL_SEARCH_ENGINE", "fts5")
    run = CliRunner().invoke
    assert run(init.command, ["--no-content"]).exit_code == 0
    done = run(reindex.command)
    assert done.exit_code == 0 and "0 篇" in done.output
    assert (tmp_path / "cli" / "index-fts5" / "CURRENT").is_file()
    monkeypatch.setenv("PORTAL_SEARCH_ENGINE", "fts6")
    refused = run(reindex.command)
    assert isinstance(refused.exception, ProblemError)
    assert "fts6" in str(refused.exception) and "search_engine" in str(refused.exception)
    said = run(doctor.command).output
    assert "JS-1004" in said and "fts6" in said and "改回 whoosh" in said


FAULTS = {
    "raises": "def {name}(self, *a, **k): raise RuntimeError('boom')",
    "exits": "def {name}(self, *a, **k): raise SystemExit(3)",
    "nothing": "def {name}(self, *a, **k): return None",
    "number": "def {name}(self, *a, **k): return 7",
    "text": "def {name}(self, *a, **k): return 'hits'",
    "rows": "def {name}(self, *a, **k): return [('x', 'y')]",
}
EVERYWHERE = ("search", "suggest", "stats", "writer", "rebuild", "ids")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        *(("search", fault) for fault in FAULTS),
        *((name, "raises") for name in EVERYWHERE[1:]),
        *((name, "nothing") for name in EVERYWHERE[1:]),
        ("suggest", "rows"),
        ("ids", "rows"),
        ("stats", "exits"),
    ],
)
def test_a_faulty_engine_is_named_and_contained(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
    name: str,
    fault: str,
) -> None:
    an_engine(write_plugin, FAULTS[fault].format(name=name))
    app = load(search_engine="trial")
    with app.app_context():
        publish("a", "甘特图是什么")
        for work in (search.catch_up, search.drain, search.drift, search.rebuild):
            try:
                work()
            except (IndexUnavailable, ProblemError) as error:
                assert "trial" in str(error) or "index" in str(error)
        assert "/faq/a" in answers(app)
        if name == "writer":
            publish("b", "甘特图画法")
            with pytest.raises(IndexUnavailable):
                search.drain()
            assert db.session.query(ContentChange).count() > 0
        assert f"search engine trial: {name}" in failures()


BAD_HITS = {
    "an id that is none": "id='1 OR 1=1'",
    "an id beyond all numbers": "id='9' * 40",
    "HTML that was not escaped": "snippet='<script>alert(1)</script>'",
    "a title with markup": "title_html='<b>x</b>'",
    "half a surrogate pair": "title='\\ud800'",
    "a score that is none": "score=float('nan')",
    "a title that is a number": "title=7",
    "tags that are numbers": "tags=(7,)",
}


@pytest.mark.parametrize("bad", BAD_HITS)
def test_hits_are_looked_at_before_they_are_believed(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
    bad: str,
) -> None:
    an_engine(
        write_plugin,
        "def search(self, *a, **k):\n"
        "    import dataclasses\n"
        "    found = super().search(*a, **k)\n"
        f"    hits = tuple(dataclasses.replace(hit, {BAD_HITS[bad]}) for hit in found.hits)\n"
        "    return dataclasses.replace(found, hits=hits)",
    )
    app = load(search_engine="trial")
    with app.app_context():
        publish("a", "甘特图是什么")
        search.catch_up()
        page = answers(app)
        assert "JS-1004" in page and "/faq/a" in page and "<script>alert" not in page
        assert failures() == ["search engine trial: search"]


@pytest.mark.parametrize(
    "make",
    ["1 / 0", "None", "'an engine'", "object()", "folder.mkdir() or folder", "gate.wait(20)"],
)
def test_an_engine_that_cannot_be_made(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    make: str,
) -> None:
    monkeypatch.setattr("portal.search.engine.MAKE_SECONDS", 0.2)
    an_engine(write_plugin, make=make)
    app = load(search_engine="trial")
    with app.app_context():
        publish("a", "甘特图是什么")
        page = answers(app)
        assert "JS-1004" in page and "trial" in page and "/faq/a" in page
        with pytest.raises(IndexUnavailable):
            search.catch_up()
        assert "search engine trial" in failures()
        _release()


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("search", "SEARCH"),
        ("suggest", "SUGGEST"),
        ("stats", "SEARCH"),
        ("writer", "WRITE"),
        ("rebuild", "BUILD"),
        ("ids", "LIST"),
    ],
)
def test_an_engine_that_hangs_is_not_waited_for(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    limit: str,
) -> None:
    monkeypatch.setattr(guarded, f"{limit}_SECONDS", 0.5)
    an_engine(write_plugin, f"def {name}(self, *a, **k): gate.wait(60)")
    app = load(search_engine="trial")
    with app.app_context():
        publish("a", "甘特图是什么")
        try:
            search.rebuild()
            search.drift()
            publish("b", "甘特图画法")
            search.catch_up()
        except (IndexUnavailable, ProblemError) as error:
            assert "trial" in str(error)
        assert "/faq/a" in answers(app)
        assert f"search engine trial: {name}" in failures()
        _release()


def _release() -> None:
    """Let the threads go that a hanging engine holds."""
    plugin = host().plugin("trial")
    assert plugin is not None and plugin.module is not None
    plugin.module.gate.set()


def test_a_missing_index_is_no_failure_of_the_plugin(
    load: Load,  # noqa: F811
    write_plugin: Write,  # noqa: F811
) -> None:
    an_engine(write_plugin)
    app = load(search_engine="trial")
    with app.app_context():
        publish("a", "甘特图是什么")
        page = answers(app)
        assert "JS-1004" in page and "portal reindex" in page
        assert failures() == []
        assert search.catch_up() == 1
        assert "JS-1004" not in answers(app)


def test_what_goes_wrong_with_the_articles_is_not_the_plugins_fault(fts5: Flask) -> None:
    publish("a", "甘特图是什么")
    search.catch_up()

    def broken() -> SearchDocument:
        raise RuntimeError("of the portal")

    with pytest.raises(RuntimeError, match="of the portal"):
        search.engine().rebuild(broken() for _ in range(1))
    with pytest.raises(RuntimeError), search.engine().writer() as writer:
        writer.delete("1")
        raise RuntimeError
    assert failures("search_fts5") == []
    assert search.search(None, "甘特图").total == 1
