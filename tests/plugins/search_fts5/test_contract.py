"""The engine on SQLite keeps the contract, and finds what the built-in engine finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.frontmatter import parse_document
from kb.markup.renderer import Renderer
from kb.search import SearchDocument, SearchEngine, parse_query
from kb.search.whoosh_engine import WhooshEngine
from plugins.search_fts5.engine import Fts5Engine
from tests.unit.search.contract import (
    ANY_TEXT,
    DOCUMENTS,
    SearchEngineContract,
    article,
    found,
)

CONTENT = Path(__file__).parents[3] / "content"


class TestFts5Engine(SearchEngineContract):
    """The contract."""

    # Hypothesis wants a function of its own for each class that runs a property.
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(text=ANY_TEXT)
    def test_no_query_raises_and_highlights_are_safe(self, engine: SearchEngine, text: str) -> None:
        inherited = SearchEngineContract.test_no_query_raises_and_highlights_are_safe
        inherited.hypothesis.inner_test(self, engine, text)  # type: ignore[attr-defined]


def test_it_is_a_search_engine(engine: Fts5Engine) -> None:
    assert isinstance(engine, SearchEngine)


@pytest.fixture(scope="module")
def bundled() -> list[SearchDocument]:
    """The articles that come with the portal."""
    renderer = Renderer()
    documents: list[SearchDocument] = []
    for path in sorted(CONTENT.rglob("*.md")):
        page = parse_document(path.read_text(encoding="utf-8"))
        documents.append(
            SearchDocument(
                id=str(len(documents)),
                kind="faq",
                title=page.title,
                sections=renderer.render(page.body).sections,
                summary=str(page.front.get("summary") or ""),
                tags=tuple(page.front.get("tags") or ()),
            )
        )
    return documents


def test_both_engines_put_the_article_of_a_whole_title_first(
    engine: Fts5Engine, bundled: list[SearchDocument], tmp_path: Path
) -> None:
    whoosh = WhooshEngine(tmp_path / "whoosh")
    whoosh.rebuild(bundled)
    engine.rebuild(bundled)
    assert len(bundled) > 50
    for document in bundled:
        query = parse_query(document.title)
        ours, theirs = engine.search(query).hits[0], whoosh.search(query).hits[0]
        assert (ours.id, ours.title) == (theirs.id, document.title)
    whoosh.close()


def test_both_engines_find_the_same_articles_for_words(
    engine: Fts5Engine, bundled: list[SearchDocument], tmp_path: Path
) -> None:
    whoosh = WhooshEngine(tmp_path / "whoosh")
    whoosh.rebuild(bundled)
    engine.rebuild(bundled)
    for text in ("甘特图", "审批 卡住", "关键路径怎么算", "ERP", "里程碑 -任务"):
        query = parse_query(text)
        ours, theirs = engine.search(query, limit=100), whoosh.search(query, limit=100)
        assert set(found(ours)) == set(found(theirs)), text
        assert ours.facets == theirs.facets
        assert ours.hits
    whoosh.close()


TITLES = st.sampled_from(
    ["甘特图怎么导出", "甘特图", "关键路径 Ｅ-1042", "v1.2.3_final", "ERP集成"]
)
CHANGES = st.lists(st.tuples(st.sampled_from("abc"), TITLES | st.none()), max_size=12)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(changes=CHANGES)
def test_after_any_changes_it_answers_as_if_built_anew(
    engine: Fts5Engine, tmp_path: Path, changes: list[tuple[str, str | None]]
) -> None:
    engine.rebuild(DOCUMENTS)
    expected = {document.id: document for document in DOCUMENTS}
    for id_, title in changes:
        with engine.writer() as writer:
            if title is None:
                writer.delete(id_)
                expected.pop(id_, None)
            else:
                expected[id_] = article(id_, title, ("节", title * 2), tags=(title[:2],))
                writer.add(expected[id_])
    anew = Fts5Engine(tmp_path / "anew")
    anew.rebuild(expected.values())
    for text in ("甘特图", "关键路径", "e1042", "1.2.3", "ERP集成", "tag:甘特"):
        query = parse_query(text)
        ours, theirs = engine.search(query), anew.search(query)
        # Equal scores are in the order of ids, whatever the order of writing.
        assert [(hit.id, hit.score) for hit in ours.hits] == [
            (hit.id, hit.score) for hit in theirs.hits
        ]
    assert dict(engine.ids()) == dict(anew.ids())
    anew.close()
