"""Slugs and anchors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.slugs import MAX_SLUG, heading_anchor, is_slug, slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("任务拆解 WBS", "任务拆解-wbs"),
        ("How fine to split?", "how-fine-to-split"),
        ("ＡＢＣ　１２３", "abc-123"),
        ("  --a__b..c--  ", "a-b-c"),
        ("Café", "caf"),
        ("㈱①", "株-1"),
        ("…！？", ""),
        ("", ""),
        ("a/b", "a-b"),
        ("x" * 200, "x" * MAX_SLUG),
        ("ア한", "ア한"),
    ],
)
def test_slugify(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize("text", ["a", "任务-拆解", "guide/task/shell", "v1.2", "a_b", "2026"])
def test_slugs(text: str) -> None:
    assert is_slug(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        ".",
        "..",
        "a/../b",
        "a/./b",
        ".a",
        "a.",
        "-a",
        "A",
        "a b",
        "a\n",
        "é",
        "a?b",
        "a%20b",
        "x" * 81,
        "a\\b",
        "a/\n",
    ],
)
def test_what_is_no_slug(text: str) -> None:
    assert not is_slug(text)


@given(st.text(max_size=200))
def test_what_slugify_gives_is_a_slug(text: str) -> None:
    slug = slugify(text)
    assert slug == "" or (is_slug(slug) and "/" not in slug)
    assert slugify(slug) == slug


class TestAnchors:
    @pytest.mark.parametrize(
        ("text", "anchor"),
        [
            ("任务拆解", "任务拆解"),
            ("1. 安装与启动", "1-安装与启动"),
            ("为什么？（常见）", "为什么常见"),
            ("C++ & C#", "c--c"),
            ("Quick Start", "quick-start"),
            ("snake_case", "snake_case"),
            ("？！", "section"),
            ("", "section"),
            ("字" * 300, "字" * 100),
        ],
    )
    def test_readable_as_on_github(self, text: str, anchor: str) -> None:
        assert heading_anchor(text, set()) == anchor

    def test_unique(self) -> None:
        taken: set[str] = set()
        made = [heading_anchor("概述", taken) for _ in range(40)]
        assert made == ["概述", *(f"概述-{n}" for n in range(1, 40))]

    def test_a_heading_that_looks_like_a_repeated_one(self) -> None:
        taken: set[str] = set()
        made = [heading_anchor(text, taken) for text in ("a", "a-1", "a", "a", "a-1")]
        assert len(set(made)) == 5 and made[:3] == ["a", "a-1", "a-2"]

    @given(st.lists(st.text(max_size=4), max_size=30))
    def test_never_twice_and_never_with_a_space(self, texts: list[str]) -> None:
        taken: set[str] = set()
        made = [heading_anchor(text, taken) for text in texts]
        assert len(set(made)) == len(made) and taken == set(made)
        assert all(anchor and " " not in anchor and '"' not in anchor for anchor in made)
