"""Reading what people type."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kb.search import Query, parse_query


@given(st.text(alphabet=st.characters(), max_size=400))
def test_anything_can_be_read(raw: str) -> None:
    query = parse_query(raw)
    assert isinstance(query, Query)
    assert len(query.text) <= 200
    query.text.encode()


def test_all_parts_of_the_language() -> None:
    query = parse_query(
        '如何 "精确 短语" 「另一句」 -草稿 -"旧 版" kind:faq 类型:案例 tag:审批 author:"Li Lei" '
        "after:2026-01 before:2026-07-15 导入"
    )
    assert query.text == "如何 导入"
    assert query.phrases == ("精确 短语", "另一句")
    assert query.excluded == ("草稿", "旧 版")
    assert query.kinds == ("faq", "case")
    assert query.tags == ("审批",)
    assert query.authors == ("li lei",)
    assert query.after == datetime(2026, 1, 1, tzinfo=UTC)
    assert query.before == datetime(2026, 7, 15, tzinfo=UTC)


def test_what_cannot_be_read_is_words() -> None:
    assert parse_query("after:soon").text == "after:soon"
    assert parse_query("E-1042 a-b").text == "E-1042 a-b"
    assert parse_query('"').text == '"'
    assert parse_query("https://x.cn").text == "https://x.cn"


def test_long_input_is_cut() -> None:
    assert len(parse_query("甘" * 10_000).text) == 200


def test_emptiness() -> None:
    assert parse_query(" \x00 ").is_empty
    assert parse_query("-只有排除").is_empty
    assert not parse_query("after:2026").is_empty
