"""GitHub's and Docusaurus' Markdown in Python-Markdown's dialect."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.markup import Renderer
from kb.markup.dialect import to_dialect
from kb.problems import ProblemError

RENDERER = Renderer()


class Kept:
    """A stash that says what it was given."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []
        self.htmls: list[str] = []

    def code(self, code: str, info: str) -> str:
        self.codes.append((code, info))
        return "CODE"

    def html(self, html: str) -> str:
        self.htmls.append(html)
        return "HTML"


def convert(source: str) -> str:
    return "\n".join(to_dialect(source.split("\n"), Kept())).strip("\n")


def shape(source: str) -> str:
    """The rendered HTML without attributes and line ends."""
    html = re.sub(r"<(\w+) [^>]*>", r"<\1>", RENDERER.render(source).html)
    return re.sub(r"\s*\n\s*", "", html)


class TestLists:
    @pytest.mark.parametrize("indent", [2, 3, 4])
    def test_nested_by_two_three_or_four(self, indent: int) -> None:
        source = "- a\n" + " " * indent + "- b\n" + " " * 2 * indent + "- c\n- d"
        nested = "<ul><li>b<ul><li>c</li></ul></li></ul>"
        assert shape(source) == f"<ul><li>a{nested}</li><li>d</li></ul>"

    def test_nested_by_tabs(self) -> None:
        assert shape("- a\n\t- b\n\t\t- c") == (
            "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"
        )

    def test_too_little_under_a_number(self) -> None:
        assert shape("1. a\n  - b\n2. c") == "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"

    def test_right_under_text(self) -> None:
        assert shape("步骤：\n- a\n- b") == "<p>步骤：</p><ul><li>a</li><li>b</li></ul>"
        assert shape("步骤：\n1. a\n2. b") == "<p>步骤：</p><ol><li>a</li><li>b</li></ol>"
        assert "<ol>" not in shape("共有\n2024. 年的")

    def test_text_right_under_a_list_goes_on(self) -> None:
        assert shape("- 甲\n乙\n\n丙") == "<ul><li>甲乙</li></ul><p>丙</p>"

    def test_a_heading_ends_a_list(self) -> None:
        assert shape("- a\n# b\n- c").count("<ul>") == 2

    def test_numbers_start_where_they_start(self) -> None:
        assert '<ol start="3">' in RENDERER.render("3. a\n4. b").html
        assert "<ol><li>" in RENDERER.render("1) a\n2) b").html

    def test_kinds_are_kept_apart(self) -> None:
        assert shape("- a\n\n1. b") == "<ul><li>a</li></ul><ol><li>b</li></ol>"
        assert shape("- a\n1. b") == "<ul><li>a</li></ul><ol><li>b</li></ol>"

    def test_code_in_an_item(self) -> None:
        source = "1. a\n   ```sh\n   x\n     y\n   ```\n2. b\n\n   ```\n   z\n   ```\n3. c"
        html = RENDERER.render(source).html
        assert html.count("<ol>") == 1 and html.count("<li>") == 3
        assert "<code" in html and "x\n  y\n" in re.sub("<[^>]*>", "", html)

    def test_paragraphs_quotes_and_tables_in_an_item(self) -> None:
        source = "- a\n\n  二\n\n  > 三\n\n  | 四 |\n  |---|\n  | 五 |\n- b"
        assert shape(source) == (
            "<ul><li><p>a</p><p>二</p><blockquote><p>三</p></blockquote>"
            "<div><table><thead><tr><th>四</th></tr></thead>"
            "<tbody><tr><td>五</td></tr></tbody></table></div></li><li><p>b</p></li></ul>"
        )

    def test_rules_are_not_items(self) -> None:
        assert shape("- a\n\n* * *\n\n- b") == "<ul><li>a</li></ul><hr><ul><li>b</li></ul>"

    def test_in_a_quote(self) -> None:
        assert shape("> 文\n> - a\n>   - b") == (
            "<blockquote><p>文</p><ul><li>a<ul><li>b</li></ul></li></ul></blockquote>"
        )


class TestFences:
    def test_taken_out_with_their_info(self) -> None:
        kept = Kept()
        to_dialect(["```py title", "a", "", "  b", "```", "~~~", "```", "~~~"], kept)
        assert kept.codes == [("a\n\n  b\n", "py title"), ("```\n", "")]

    def test_indented_ones_lose_their_indent(self) -> None:
        kept = Kept()
        to_dialect(["- a", "  ```", "  b", "    c", " d", "  ```"], kept)
        assert kept.codes[0][0].startswith("b\n  c\n")

    def test_tabs_in_code_stay(self) -> None:
        kept = Kept()
        to_dialect(["```make", "a:", "\tb", "```"], kept)
        assert kept.codes == [("a:\n\tb\n", "make")]

    def test_in_quotes_and_callouts(self) -> None:
        for source in ("> ```\n> a\n> ```", "!!! note\n    ```\n    a\n    ```"):
            kept = Kept()
            to_dialect(source.split("\n"), kept)
            assert kept.codes == [("a\n", "")]

    def test_three_ticks_in_a_line_are_inline_code(self) -> None:
        assert shape("```a``` b") == "<p><code>a</code> b</p>"

    def test_text_around_without_blank_lines(self) -> None:
        assert shape("一\n```\n二\n```\n三") == "<p>一</p><pre><code>二</code></pre><p>三</p>"


class TestRawHtml:
    def test_a_block_ends_at_a_blank_line(self) -> None:
        kept = Kept()
        lines = to_dialect(["<div>", "**a**", "", "**b**", "", "</div>"], kept)
        assert kept.htmls == ["<div>\n**a**", "</div>"] and "**b**" in lines

    def test_or_where_its_tags_are_closed(self) -> None:
        kept = Kept()
        lines = to_dialect(["<p>", "a", "</p>", "**b**"], kept)
        assert kept.htmls == ["<p>\na\n</p>"] and "**b**" in lines

    def test_comments_and_verbatim_elements_hold_blank_lines(self) -> None:
        kept = Kept()
        to_dialect(["<!-- a", "", "b -->", "", "<pre>", "", "- c", "</pre>", "d"], kept)
        assert kept.htmls == ["<!-- a\n\nb -->", "<pre>\n\n- c\n</pre>"]

    def test_inline_elements_are_text(self) -> None:
        assert shape("<b>a</b> **b**") == "<p><b>a</b> <strong>b</strong></p>"


class TestAroundBlocks:
    def test_blank_lines_where_python_markdown_needs_them(self) -> None:
        assert convert("a\n# b\nc\n---\nd\n\n***\ne") == ("a\n\n# b\n\nc\n---\n\nd\n\n***\n\ne")

    def test_a_table_under_text(self) -> None:
        assert convert("a\n|b|c|\n|-|-|\n|d|e|") == "a\n\n|b|c|\n|-|-|\n|d|e|"

    def test_indented_code_is_left_alone(self) -> None:
        assert convert("a\n\n    - b\n    # c\n\nd") == "a\n\n    - b\n    # c\n\nd"

    def test_directives_nest_by_their_colons(self) -> None:
        assert shape("::::note\n:::tip\na\n:::\nb\n::::") == (
            "<div><p>说明</p><div><p>提示</p><p>a</p></div><p>b</p></div>"
        )

    def test_unknown_directives_are_text(self) -> None:
        assert shape(":::code-group\na\n:::") == "<p>:::code-groupa:::</p>"


WORDS = st.sampled_from(["字", "a", "- ", "1. ", "  ", "    ", "\n", "\n\n", "> ", "# ", "|", "x"])


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=40).map("".join))
def test_no_text_is_lost(source: str) -> None:
    try:
        written = convert(source)
    except ProblemError:
        return
    for letter in "字ax":
        assert written.count(letter) == source.count(letter)
