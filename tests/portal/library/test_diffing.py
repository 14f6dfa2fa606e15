"""Comparing and merging texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.library.diffing import MINE, Line, Piece, compare, merge, words

TEXT = st.text(alphabet="任务拆解 ab\n，", max_size=60)


def sides(lines: list[Line]) -> tuple[list[str], list[str]]:
    old = [
        "".join(piece.text for piece in line.pieces if piece.op != "add")
        for line in lines
        if line.op in ("same", "del", "change")
    ]
    new = [
        "".join(piece.text for piece in line.pieces if piece.op != "del")
        for line in lines
        if line.op in ("same", "add", "change")
    ]
    return old, new


@given(TEXT, TEXT)
def test_a_comparison_holds_both_texts(old: str, new: str) -> None:
    if old == new:
        assert compare(old, new) == []
    else:
        assert sides(compare(old, new, context=1000)) == (old.split("\n"), new.split("\n"))


@given(TEXT)
def test_words_join_to_the_text(text: str) -> None:
    assert "".join(words(text)) == text


def test_one_word_in_a_chinese_sentence() -> None:
    (line,) = compare("任务要拆到两周以内", "任务要拆到三周以内")
    assert Piece("del", "两") in line.pieces and Piece("add", "三") in line.pieces
    assert Piece("same", "任务要拆到") in line.pieces


def test_unchanged_stretches_are_left_out() -> None:
    old = "\n".join(str(n) for n in range(100))
    lines = compare(old, old.replace("50", "五十"))
    assert [line.count for line in lines if line.op == "skip"] == [47, 46]


@given(TEXT, TEXT)
def test_one_sided_changes_merge_to_that_side(base: str, changed: str) -> None:
    assert merge(base, changed, base) == (changed, 0)
    assert merge(base, base, changed) == (changed, 0)
    assert merge(base, changed, changed) == (changed, 0)


@given(TEXT, TEXT, TEXT)
def test_no_line_of_either_side_is_lost(base: str, mine: str, theirs: str) -> None:
    merged, _contradictions = merge(base, mine, theirs)
    kept = set(merged.split("\n"))
    for text in (mine, theirs):
        # A line may only be missing when the other side removed it from the base.
        assert set(text.split("\n")) - set(base.split("\n")) <= kept


def test_contradictions_stand_side_by_side() -> None:
    merged, contradictions = merge("一\n二\n三", "一\n贰\n三", "一\n两\n三")
    assert contradictions == 1
    assert merged.split("\n")[1] == MINE and "贰" in merged and "两" in merged


def test_hostile_texts_take_bounded_work() -> None:
    assert compare("\n" * 20_000, "\n" * 19_999 + "x")
    assert compare("的" * 50_000, "的" * 49_999)
