"""Folding and analysis: one form for every spelling, and terms that meet in the middle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text import analyse, compose, fold, query_terms

ANYTHING = st.text(alphabet=st.characters(), max_size=80)  # lone surrogates too


@given(ANYTHING)
def test_folding_keeps_the_length_and_is_done_once(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [("甘特圖與里程碑", "甘特图与里程碑"), ("ＡＢＣ１２", "abc12"), ("Café", "cafe"), ("が", "が")],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_composed_text_can_be_written_as_utf8() -> None:
    assert compose("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"
    assert compose("cafe\u0301") == "café"


def test_han_gives_characters_and_pairs() -> None:
    assert analyse("里程碑") == ["里", "程", "碑", "里程", "程碑"]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("ERP集成", "erp"),
        ("ERP集成", "集成"),
        ("E-1042", "e1042"),
        ("E-1042", "1042"),
        ("JS-2004", "js2004"),
        ("purchase_order", "purchaseorder"),
        ("purchase_order", "order"),
        ("purchaseOrder", "purchaseorder"),
        ("purchaseOrder", "order"),
        ("3.1.2", "3.1.2"),
        ("25㎡", "25m2"),
        ("workflows", "workflow"),
    ],
)
def test_identifiers_are_kept_whole_and_split(text: str, term: str) -> None:
    assert term in analyse(text)


def test_question_words_are_dropped_from_a_query() -> None:
    assert analyse("怎么导入数据？", "query") == analyse("导入数据")
    assert analyse("什么是关键路径", "query") == analyse("关键路径")
    assert "酒吧" in analyse("酒吧管理", "query")


@pytest.mark.parametrize("text", ["什么", "的", "怎么", "what is", "吗", "了吗"])
def test_a_query_of_nothing_else_keeps_them(text: str) -> None:
    assert analyse(text, "query")


def test_pairs_with_a_particle_count_less() -> None:
    weights = query_terms("项目的目标")
    assert weights["目的"] < weights["目标"] if "目的" in weights else weights["的目"] < 1
    assert weights["项目"] == 1


@given(ANYTHING)
def test_analysis_takes_anything(text: str) -> None:
    for term in analyse(text) + analyse(text, "query"):
        assert term
        term.encode()
