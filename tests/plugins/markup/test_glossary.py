"""Terms get their meaning at their first appearance, and nowhere they should not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from kb.markup.renderer import Renderer
from plugins.glossary.plugin import Config, GlossaryExtension, portal_markdown_extensions
from plugins.glossary.terms import TERMS
from portal.api import PluginContext

MakeCtx = Callable[..., PluginContext]


def html(text: str, terms: dict[str, str]) -> str:
    return Markdown(extensions=[GlossaryExtension(terms)]).convert(text)


def test_only_the_first_appearance() -> None:
    page = html("先做 WBS。\n\nWBS 之后排期。", {"WBS": "分解"})
    assert page == '<p>先做 <abbr title="分解">WBS</abbr>。</p>\n<p>WBS 之后排期。</p>'


def test_several_terms_in_one_sentence_keep_their_order() -> None:
    page = html("EV 与 AC，再是 EV", {"EV": "挣值", "AC": "成本"})
    assert page == ('<p><abbr title="挣值">EV</abbr> 与 <abbr title="成本">AC</abbr>，再是 EV</p>')


def test_the_longer_term_wins() -> None:
    page = html("关键路径法", {"关键路径": "甲", "关键路径法": "乙"})
    assert page == '<p><abbr title="乙">关键路径法</abbr></p>'


@pytest.mark.parametrize(
    "text", ["EVEN", "REV", "EV2", "`EV`", "[EV](/x)", "# EV", "    EV", "a_EV"]
)
def test_where_a_term_is_left_alone(text: str) -> None:
    assert "<abbr" not in html(text, {"EV": "挣值"})


def test_text_after_an_element_is_explained_too() -> None:
    page = html("**粗** EV *斜*", {"EV": "挣值"})
    assert page == '<p><strong>粗</strong> <abbr title="挣值">EV</abbr> <em>斜</em></p>'


def test_a_meaning_is_escaped() -> None:
    assert '"&gt;' not in html("EV", {"EV": '"><script>'})
    assert "<script>" not in html("EV", {"EV": '"><script>'})


PIECES = ["EV", "AC", " ", "关键路径", "*", "`", "\n", "。", "[", "](x)"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_the_words_never_change(text: str) -> None:
    import re

    plain = Markdown().convert(text)
    explained = html(text, {"EV": "挣值", "AC": "成本", "关键路径": "最长的路"})
    assert re.sub(r"</?abbr[^>]*>", "", explained) == plain


def test_through_the_portals_renderer(make_ctx: MakeCtx) -> None:
    (extension,) = portal_markdown_extensions(make_ctx(Config()))
    rendered = Renderer([extension.markup]).render("# WBS\n\n先做 WBS，看 `WBS`。")
    assert rendered.failed_extensions == ()
    assert f'<abbr title="{TERMS["WBS"]}">WBS</abbr>' in rendered.html
    assert "<code>WBS</code>" in rendered.html
    assert "先做 WBS" in rendered.text


def test_own_terms_join_replace_and_remove(make_ctx: MakeCtx) -> None:
    config = Config(terms={"三审": "自审、互审、终审", "WBS": "拆", "EVM": ""})
    (extension,) = portal_markdown_extensions(make_ctx(config))
    page = Renderer([extension.markup]).render("三审 WBS EVM SPI").html
    assert 'title="自审、互审、终审"' in page and 'title="拆"' in page
    assert page.count("<abbr") == 3


def test_other_terms_are_another_version(make_ctx: MakeCtx) -> None:
    (one,) = portal_markdown_extensions(make_ctx(Config()))
    (other,) = portal_markdown_extensions(make_ctx(Config(terms={"三审": "x"})))
    assert one.markup.version != other.markup.version
    assert portal_markdown_extensions(make_ctx(Config(builtin=False))) == []
