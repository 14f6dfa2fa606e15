"""Texts made to be slow or deep: each is rendered or refused, and neither takes long.

The suite's own time limit would show one that does; nothing here measures time.
"""

from __future__ import annotations

import itertools

import pytest

from kb.document import MAX_TEXT
from kb.markup import Renderer
from kb.markup.bounds import (
    MAX_HIGHLIGHT_SECONDS,
    MAX_HIGHLIGHT_TOTAL,
    MAX_WORK,
    inline_work,
)
from kb.markup.highlight import Effort, code_block
from kb.problems import ProblemError
from tests.unit.markup.oracle import check

RENDERER = Renderer()
N = 10_000

REFUSED = {
    "quotations": ">" * N,
    "spaced quotations": "> " * N,
    "list items": "- " * N + "x",
    "numbers": "1. " * N,
    "indented items": "\n".join(" " * 2 * n + "- a" for n in range(200)),
    "callouts": "\n".join("    " * n + "!!! note" for n in range(200)),
    "brackets": "[" * N,
    "picture brackets": "![" * N,
    "pairs of brackets": "[" * N + "]" * N,
    "links": "[a](" * N,
    "links with titles": '[a]("' * N,
    "footnotes": "[^" * N,
    "block elements": "<div>" * N,
    "inline elements": "x " + "<b>" * N,
    "braces": "# " + " {" * (3 * N),
    "ticks of all lengths": "".join("`" * n + "a" for n in range(1, 900)),
    "ticks in a row": "|a|b|\n|-|-|\n" + "`|" * N,
    "paragraphs": "a\n\n" * 40_000,
    "items": "- a\n" * 40_000,
    "headings": "# a\n" * 40_000,
    "rules": "---\n" * 40_000,
    "definitions": "[a]: b\n" * 40_000,
    "columns": "|a" * 400 + "|\n" + "|-" * 400 + "|\n" + "|a|\n" * 400,
    "tabs": '=== "a"\n    b\n' * 500,
    "marks": "*a _b " * (10 * N),
    "addresses": "http://a " * (10 * N),
    "line breaks": "a  \n" * (10 * N),
}

RENDERED = {
    "asterisks": "*" * N,
    "underscores": "_" * N,
    "tildes": "~" * N,
    "ticks": "`" * N,
    "unclosed emphasis": "*a **b ***c " * 1000,
    "mixed emphasis": "*a_b~~" * 2000,
    "hashes": "#" * N,
    "a heading of hashes": "# " + "# " * N,
    "dashes": "-" * N,
    "dashes and spaces": "- " * 20 + "x",
    "less-than": "<" * N,
    "tag starts": "<a " * N,
    "attributes": "<a" + " b" * N,
    "quotes": "<a " + '"' * N,
    "comments": "<!--" * N,
    "sections": "<![CDATA[" * N,
    "ampersands": "&" * N,
    "pipes": "|" * N,
    "delimiter row": "a|b\n" + "-|" * N,
    "delimiter row and spaces": "a|b\n-|" + " " * N + "x",
    "spaces": "# a" + " " * (50 * N) + "b",
    "spaces in a cell": "|a|\n|-|\n|x" + " " * (50 * N) + "y|",
    "runs of spaces": "# " + ("a" + " " * 40) * N,
    "unclosed fences": "```a\n" * N,
    "unclosed directives": ":::note\n" * 20,
    "blank lines": "\n" * N,
    "definition list": "a\n: b\n" * 1000,
    "paragraph tags": "<p>" * N,
    "item tags": "<li>" * N,
    "parentheses": "[a](" + "(" * N + ")" * N + ")",
    "escapes": "\\*" * N,
    "placeholders": "\x02wzxhzdk:0\x03" * N,
    "one long line": "字" * 200_000,
    "info string": "```" + 'title="' * N + "\n",
    "unknown languages": "".join(f"```no{n}\na\n```\n" for n in range(3000)),
    "equal headings": "# 同\n\n" * 2000,
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_reason(name: str) -> None:
    with pytest.raises(ProblemError) as caught:
        RENDERER.render(REFUSED[name])
    problem = caught.value.problem
    assert problem.code == "JS-2003"
    assert "%(" not in problem.text() + problem.next_step()


@pytest.mark.parametrize("name", RENDERED)
def test_rendered(name: str) -> None:
    check(RENDERER.render(RENDERED[name]).html)


def test_size() -> None:
    assert RENDERER.render("字" * MAX_TEXT).html
    with pytest.raises(ProblemError) as caught:
        RENDERER.render("字" * (MAX_TEXT + 1))
    assert caught.value.problem.code == "JS-2003"
    assert "1000001" in caught.value.problem.text()


def test_the_renderer_works_after_a_refusal() -> None:
    renderer = Renderer()
    for _ in range(3):
        with pytest.raises(ProblemError):
            renderer.render("[a]: b\n\n[^1]: c\n\n" + "[" * N)
        assert renderer.render("[a] [^1]").html == "<p>[a] [^1]</p>"


def test_twenty_levels_are_fine() -> None:
    html = RENDERER.render("\n".join(" " * 2 * n + "- a" for n in range(20))).html
    assert html.count("<ul>") == 20
    assert RENDERER.render(">" * 20 + " a").html.count("<blockquote>") == 20


def test_long_code_is_shown_plain() -> None:
    html = RENDERER.render("```python\n" + "x = 1\n" * 10_000 + "```").html
    assert "<span" not in html and html.count("x = 1") == 10_000


def test_colouring_stops_when_it_has_cost_enough() -> None:
    def block(effort: Effort) -> str:
        return code_block("x = 1\n", "python", effort, tabindex="0")

    assert "<span" in block(Effort())
    assert "<span" not in block(Effort(seconds=MAX_HIGHLIGHT_SECONDS + 0.1))
    assert "<span" not in block(Effort(characters=MAX_HIGHLIGHT_TOTAL))


def test_slow_lexers_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # A clock on which every look takes a second.
    monkeypatch.setattr("kb.markup.highlight.time.thread_time", itertools.count().__next__)
    effort = Effort()
    html = code_block("x = 1\n" * 100, "python", effort, tabindex="0")
    assert html.count("x = 1\n") == 100 and "<span" not in html and effort.is_spent


def test_what_people_write_is_far_below_the_limit() -> None:
    paragraph = (
        '按 [任务拆解](../a.md#x "题")，**重点**看 `WBS` 与 *进度*（见 [^1] 与 ![图](b.png)）。'
        * 20
    )
    assert inline_work(paragraph) * 100 < MAX_WORK
