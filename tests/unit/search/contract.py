"""What every search engine must do. A test class derives from it and has a fixture `engine`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.document import Section
from kb.search import Results, SearchDocument, SearchEngine, fingerprint, parse_query

ANY_TEXT = st.text(alphabet=st.characters(), max_size=60) | st.text(
    alphabet='甘特图导入 "-():*「」kind:tag\\<>&\x00', max_size=60
)


def article(
    id_: str, title: str, *sections: tuple[str, str], kind: str = "faq", **more: object
) -> SearchDocument:
    parts = tuple(
        Section(f"a{i}" if heading else "", heading, 2, (heading,) if heading else (), text)
        for i, (heading, text) in enumerate(sections)
    )
    made = SearchDocument(id=id_, kind=kind, title=title, sections=parts, space="open")
    return replace(made, **more)  # type: ignore[arg-type]


DOCUMENTS = [
    article(
        "1", "甘特图怎么导出", ("", "先打开甘特图。"), ("导出为图片", "在菜单里选择导出。"),
        tags=("甘特图", "导出"), author="李雷", updated=datetime(2026, 3, 1, tzinfo=UTC),
        extra={"url": "/faq/1"},
    ),
    article(
        "2", "关键路径", ("定义", "关键路径是总工期最长的路径。"), ("算法", "正推与逆推。"),
        kind="tutorial", tags=("进度",), author="韩梅梅",
        updated=datetime(2026, 1, 5, tzinfo=UTC),
    ),
    article(
        "3", "压缩包被拒绝", ("现象", "上传 zip 时提示路径不安全。"), ("办法", "重新打包。"),
        kind="troubleshooting", code="JS-2004", tags=("导入",),
    ),
    article("4", "ERP集成说明", ("配置", "字段 purchase_order 来自 ERP。"), kind="manual"),
    article("5", "薪酬方案", ("细则", "只给经理看的甘特图与薪酬。"), space="secret",
        tags=("秘密",)),
    article("6", "里程碑 & <b>阶段</b>", ("", "里程碑 <script>alert(1)</script> 没有工期。")),
]  # fmt: skip


def found(results: Results) -> list[str]:
    return [hit.id for hit in results.hits]


def assert_safe(html: str) -> None:
    """Only mark elements, balanced and never nested; all else escaped."""
    for before, inside in re.findall(r"([^<]*)<mark>([^<]*)</mark>", html):
        assert before is not None and inside
    rest = re.sub(r"<mark>[^<]*</mark>", "", html)
    assert "<" not in rest and ">" not in rest
    assert re.search(r"&(?!(amp|lt|gt|quot|#x27);)", rest) is None


class SearchEngineContract:
    """The suite. Engines start with DOCUMENTS in them."""

    @pytest.fixture(autouse=True)
    def _filled(self, engine: SearchEngine) -> None:
        assert engine.rebuild(DOCUMENTS) == len(DOCUMENTS)

    def ask(self, engine: SearchEngine, text: str, **more: object) -> list[str]:
        return found(engine.search(parse_query(text), **more))  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("query", "first"),
        [
            ("关键路径", "2"),
            ("什么是关键路径？", "2"),
            ("關鍵路徑", "2"),
            ("正推", "2"),
            ("ERP", "4"),
            ("ｅｒｐ集成", "4"),
            ("purchase order", "4"),
            ("purchaseOrder", "4"),
            ("JS-2004", "3"),
            ("js2004", "3"),
            ("上传失败，提示 [JS-2004] 甘特图.zip: 请联系管理员 关键路径", "3"),
            ("里程碑", "6"),
        ],
    )
    def test_the_right_article_is_first(self, engine: SearchEngine, query: str, first: str) -> None:
        assert self.ask(engine, query)[0] == first

    def test_a_hit_opens_at_its_section(self, engine: SearchEngine) -> None:
        hit = engine.search(parse_query("正推逆推")).hits[0]
        assert (hit.anchor, hit.heading, hit.path) == ("a1", "算法", ("算法",))
        assert "<mark>正推</mark>" in hit.snippet

    def test_titles_and_snippets_are_marked_and_escaped(self, engine: SearchEngine) -> None:
        hit = engine.search(parse_query("里程碑")).hits[0]
        assert hit.title == "里程碑 & <b>阶段</b>"
        assert hit.title_html == "<mark>里程碑</mark> &amp; &lt;b&gt;阶段&lt;/b&gt;"
        assert "&lt;script&gt;" in hit.snippet

    def test_what_is_stored_comes_back(self, engine: SearchEngine) -> None:
        hit = engine.search(parse_query("导出为图片")).hits[0]
        assert hit.extra == {"url": "/faq/1"}
        assert hit.tags == ("甘特图", "导出")
        assert hit.updated == datetime(2026, 3, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            ('"总工期最长"', {"2"}),
            ('"最长总工期"', set()),
            ("「重新打包」", {"3"}),
            ("甘特图 -薪酬", {"1"}),
            ("kind:tutorial", {"2"}),
            ("类型:教程", {"2"}),
            ("甘特图 tag:导出", {"1"}),
            ("author:李雷", {"1"}),
            ("after:2026-02", {"1"}),
            ("before:2026-02", {"2"}),
            ("kind:faq 关键路径", set()),
        ],
    )
    def test_query_language(self, engine: SearchEngine, query: str, ids: set[str]) -> None:
        assert set(self.ask(engine, query)) == ids

    def test_facets_count_every_hit(self, engine: SearchEngine) -> None:
        results = engine.search(parse_query("甘特图"), limit=1)
        assert (len(results.hits), results.total) == (1, 2)
        assert results.facets["kind"] == {"faq": 2}
        assert results.facets["tag"] == {"甘特图": 1, "导出": 1, "秘密": 1}

    def test_kind_narrows_hits_but_not_its_facet(self, engine: SearchEngine) -> None:
        results = engine.search(parse_query("ERP 关键路径 导出"), kind="tutorial")
        assert found(results) == ["2"]
        assert set(results.facets["kind"]) > {"tutorial"}

    def test_pages_follow_one_another(self, engine: SearchEngine) -> None:
        query = "甘特图 关键路径 里程碑 ERP"
        whole = self.ask(engine, query, limit=10)
        pages = [self.ask(engine, query, limit=1, offset=i) for i in range(len(whole))]
        assert [id_ for page in pages for id_ in page] == whole
        assert self.ask(engine, query, limit=5, offset=99) == []

    def test_nothing_betrays_another_space(self, engine: SearchEngine) -> None:
        spaces = frozenset({"open"})
        for text in ("薪酬", "甘特图", "tag:秘密", "薪酬方", "只给经理看"):
            results = engine.search(replace(parse_query(text), spaces=spaces))
            assert "5" not in found(results)
            assert "秘密" not in results.facets["tag"]
            assert "薪酬" not in (results.did_you_mean or "")
            assert results.total == len(results.hits)
        assert engine.suggest("薪酬", spaces=spaces) == []
        assert engine.suggest("薪酬")
        assert engine.related("5", spaces=spaces) == []
        assert "5" not in {hit.id for hit in engine.related("1", spaces=spaces)}
        nowhere = engine.search(replace(parse_query("甘特图"), spaces=frozenset()))
        assert (nowhere.total, nowhere.hits) == (0, ())

    @pytest.mark.parametrize("typed", ["甘特", "甘特圖", "特图", "导出 甘特"])
    def test_suggestions_by_beginning_middle_and_words(
        self, engine: SearchEngine, typed: str
    ) -> None:
        assert "甘特图怎么导出" in [item.text for item in engine.suggest(typed)]

    def test_a_suggested_heading_has_its_anchor(self, engine: SearchEngine) -> None:
        item = engine.suggest("导出为")[0]
        assert (item.text, item.id, item.anchor) == ("导出为图片", "1", "a1")
        assert engine.suggest("") == []

    def test_did_you_mean(self, engine: SearchEngine) -> None:
        with engine.writer() as writer:
            writer.add(article("7", "Gantt chart"))
        assert engine.search(parse_query("gannt")).did_you_mean == "gantt"
        assert engine.search(parse_query("gantt")).did_you_mean is None

    def test_related_leaves_out_the_article(self, engine: SearchEngine) -> None:
        with engine.writer() as writer:
            writer.add(article("8", "甘特图怎么打印", tags=("甘特图",)))
        assert engine.related("1")[0].id == "8"
        assert "1" not in {hit.id for hit in engine.related("1")}
        assert engine.related("no such") == []

    def test_changes_are_seen_when_the_block_ends(self, engine: SearchEngine) -> None:
        with engine.writer() as writer:
            writer.add(article("1", "换了题目的一篇"))
            writer.delete("2")
            writer.delete("no such")
            assert self.ask(engine, "关键路径") == ["2"]
        assert "2" not in self.ask(engine, "关键路径")
        assert self.ask(engine, "导出为图片") == []
        assert self.ask(engine, "换了题目") == ["1"]
        assert engine.stats().documents == len(DOCUMENTS) - 1

    def test_an_error_in_the_block_changes_nothing(self, engine: SearchEngine) -> None:
        before = sorted(engine.ids())
        with pytest.raises(RuntimeError), engine.writer() as writer:
            writer.add(article("9", "不会留下"))
            writer.delete("1")
            raise RuntimeError
        assert sorted(engine.ids()) == before

    def test_many_small_changes(self, engine: SearchEngine) -> None:
        for i in range(40):
            with engine.writer() as writer:
                writer.add(article(f"n{i % 7}", f"第{i}次修改的题目"))
        assert engine.stats().documents == len(DOCUMENTS) + 7
        assert self.ask(engine, "第39次修改的题目")[0] == f"n{39 % 7}"
        assert dict(engine.ids())["2"] == fingerprint(DOCUMENTS[1])

    def test_ids_and_fingerprints(self, engine: SearchEngine) -> None:
        assert dict(engine.ids()) == {d.id: fingerprint(d) for d in DOCUMENTS}

    def test_rebuild_replaces_everything(self, engine: SearchEngine) -> None:
        assert self.ask(engine, "关键路径")
        assert engine.rebuild([DOCUMENTS[0], DOCUMENTS[0]]) == 1
        assert self.ask(engine, "关键路径") == []
        assert engine.stats().documents == 1
        assert engine.rebuild([]) == 0
        assert engine.search(parse_query("甘特图")).total == 0
        assert engine.suggest("甘") == []

    def test_a_failing_rebuild_leaves_the_old_index(self, engine: SearchEngine) -> None:
        def broken() -> Iterable[SearchDocument]:
            yield DOCUMENTS[0]
            raise RuntimeError

        with pytest.raises(RuntimeError):
            engine.rebuild(broken())
        assert engine.stats().documents == len(DOCUMENTS)

    @pytest.mark.parametrize(
        "text", ["", " ", "-", "*****", "a* b* c*", "(" * 500, "甘" * 10_000, "x" * 10_000,
                 "\x00\x01\ud800", "' OR 1=1 --", "😀", '"', "kind:", "tag:()", "\"\" -\"\""],
    )  # fmt: skip
    def test_bad_input_is_only_words(self, engine: SearchEngine, text: str) -> None:
        engine.search(parse_query(text))
        engine.suggest(text)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(text=ANY_TEXT)
    def test_no_query_raises_and_highlights_are_safe(self, engine: SearchEngine, text: str) -> None:
        results = engine.search(parse_query(text))
        assert len(results.hits) <= min(results.total, 10)
        for hit in results.hits:
            assert_safe(hit.snippet)
            assert_safe(hit.title_html)
            plain = unescape(re.sub("</?mark>", "", hit.title_html))
            assert plain == hit.title
        engine.suggest(text)
