"""From paths to addresses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.importers.paths import common_base, slug_for
from kb.slugs import is_slug


@pytest.mark.parametrize(
    ("pages", "base"),
    [
        (["docs/zh/a.md", "docs/zh/guide/b.md"], "docs/zh"),
        (["docs/zh/guide/b.md"], "docs/zh/guide"),
        (["a.md", "docs/b.md"], ""),
        (["docs-a/b.md", "docs-b/c.md"], ""),
        (["a.md"], ""),
        ([], ""),
    ],
)
def test_common_base(pages: list[str], base: str) -> None:
    assert common_base(pages) == base


@pytest.mark.parametrize(
    ("path", "base", "slug"),
    [
        ("docs/zh/a.md", "docs/zh", "a"),
        ("docs/zh/Guide/Quick Start.md", "docs/zh", "guide/quick-start"),
        ("docs/zh/指南/快速开始.markdown", "docs/zh", "指南/快速开始"),
        ("docs/zh/guide/index.md", "docs/zh", "guide"),
        ("docs/zh/guide/README.md", "docs/zh", "guide"),
        ("docs/zh/guide/readme.md", "docs/zh", "guide"),
        ("docs/zh/README.md", "docs/zh", "zh"),
        ("README.md", "", "手册"),
        ("v3.0.1.md", "", "v3-0-1"),
        ("index/a.md", "", "index/a"),
    ],
)
def test_slug_for(path: str, base: str, slug: str) -> None:
    assert slug_for(path, base, root_name="手册") == slug


def test_the_root_page_has_an_address_even_without_a_name() -> None:
    assert slug_for("README.md") == "index"


def test_names_of_punctuation_have_addresses_that_differ_and_stay() -> None:
    assert slug_for("！！.md") == slug_for("！！.md") != slug_for("？.md")
    assert is_slug(slug_for("！！.md"))


_NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
_PATH = st.lists(_NAME.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4)


@settings(deadline=None)
@given(_PATH)
def test_every_page_has_an_address(parts: list[str]) -> None:
    path = "/".join(parts) + ".md"
    assert is_slug(slug_for(path))
    assert is_slug(slug_for(path, common_base([path]), root_name="x"))
