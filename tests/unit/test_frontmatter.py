"""Front matter: what files begin with, and what a document is written back as."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.document import MAX_TEXT, Document
from kb.frontmatter import (
    MAX_FRONT,
    MAX_TITLE,
    dump_document,
    parse_document,
    written_headings,
)
from kb.problems import Problem, ProblemError


def problem_of(text: str, where: str = "a.md") -> Problem:
    with pytest.raises(ProblemError) as caught:
        parse_document(text, where=where)
    found = caught.value.problem
    assert "%(" not in found.text() and found.next_step()
    return found


class TestFront:
    def test_values_and_body(self) -> None:
        document = parse_document(
            "---\ntitle: 任务要拆到多细？\ntags: [任务拆解, WBS]\nupdated: 2026-11-20\n"
            "at: 2026-11-20T08:00:00Z\nfigures:\n  - {name: 率, before: 52}\n---\n\n正文\n"
        )
        assert document.title == "任务要拆到多细？" and document.body == "正文\n"
        assert document.front["tags"] == ["任务拆解", "WBS"]
        assert document.front["updated"] == date(2026, 11, 20)
        assert document.front["at"] == datetime(2026, 11, 20, 8, tzinfo=UTC)
        assert document.front["figures"] == [{"name": "率", "before": 52}]

    @pytest.mark.parametrize(
        "text",
        [
            "\ufeff---\ntitle: 甲\n---\n乙",
            "---\r\ntitle: 甲\r\n---\r\n乙\r\n",
            "---  \ntitle: 甲\n---\t\n\n\n乙\n\n",
            "---\ntitle: 甲\n...\n乙",
            "---\ntitle: '甲'\n---\n# 甲\n\n乙",
            "---\ntitle: 甲\n---\n\n# 甲 #\n# 甲\n乙",
        ],
    )
    def test_forms_of_the_same(self, text: str) -> None:
        assert parse_document(text) == Document({"title": "甲"}, "乙\n", "甲")

    @pytest.mark.parametrize("text", ["---\n---\n乙", "---\n\n# nothing\n---\n乙"])
    def test_empty(self, text: str) -> None:
        assert parse_document(text) == Document({}, "乙\n", "")

    def test_keys_are_text(self) -> None:
        assert parse_document("---\n2: a\nyes: b\n---\n").front == {"2": "a", "True": "b"}

    @pytest.mark.parametrize(
        ("title", "expected"),
        [
            ("2026", "2026"),
            ("1.5", "1.5"),
            ("[a]", "乙"),
            ("true", "乙"),
            ("' a  b '", "a b"),
            ("", "乙"),
        ],
    )
    def test_titles(self, title: str, expected: str) -> None:
        assert parse_document(f"---\ntitle: {title}\n---\n# 乙\n").title == expected


class TestBroken:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("---\ntitle: a: b\n---\n", 2),
            ("---\na: 1\n\tb: 2\n---\n", 3),
            ("---\na: [1, 2\nb: 3\n---\n", 3),
            ("---\na: 'b\n---\n", 2),
            ("---\na: 1\nb: {c: 1\n---\n", 3),
            ("---\n- a\n- b\n---\n", 2),
            ("---\njust text\n---\n", 2),
            ("---\na: &x 1\nb: *x\n---\n", 3),
            ("---\na: !!python/object/apply:os.system [x]\n---\n", 2),
            ("---\na: !!python/name:os.system\n---\n", 2),
            ("---\nok: 1\na: 2026-13-45\n---\n", 1),
            ("---\na: \x07\n---\n", 2),
            ("---\ntitle: 没有结束\n正文\n", 1),
            ("---\na: " + "[" * 40 + "]" * 40 + "\n---\n", 2),
            ("---\n? [a, b]\n: c\n---\n", 2),
        ],
    )
    def test_with_its_line(self, text: str, line: int) -> None:
        found = problem_of(text)
        assert found.code == "JS-2001"
        if "? [a" not in text:
            assert found.where == f"a.md:{line}"

    def test_a_bomb_of_aliases(self) -> None:
        bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n"
            for n in range(9)
        )
        assert problem_of(bomb + "---\n").code == "JS-2001"

    def test_deep_and_long(self) -> None:
        assert problem_of("---\na: " + "[" * 20_000 + "\n---\n").code == "JS-2001"
        assert problem_of("---\na: " + "x" * MAX_FRONT + "\n---\n").code == "JS-2001"

    def test_size(self) -> None:
        found = problem_of("字" * (MAX_TEXT + 1))
        assert found.code == "JS-2003" and found.where == "a.md"
        assert parse_document("字" * MAX_TEXT).body

    def test_a_rule_on_top_is_no_front_matter(self) -> None:
        assert parse_document("---\n\n正文").body == "---\n\n正文\n"
        assert parse_document("----\na: 1\n---\n").front == {}


class TestTitle:
    @pytest.mark.parametrize(
        ("text", "title", "body"),
        [
            ("# 甲\n\n乙", "甲", "乙\n"),
            ("\n\n# 甲\n乙", "甲", "乙\n"),
            ("甲\n===\n\n乙", "甲", "乙\n"),
            ("<!-- 许可 -->\n\n# 甲\n乙", "甲", "<!-- 许可 -->\n\n乙\n"),
            ("<!--\n# 不是\n-->\n# 甲", "甲", "<!--\n# 不是\n-->\n"),
            ("```\n# 不是\n```\n# 甲", "甲", "```\n# 不是\n```\n"),
            ("~~~\n```\n# 不是\n~~~\n# 甲", "甲", "~~~\n```\n# 不是\n~~~\n"),
            ("## 二级\n\n# 甲\n\n# 丙", "甲", "## 二级\n\n\n# 丙\n"),
            ("# **甲** `乙` [丙](x.md) ~~丁~~ {#id}", "甲 乙 丙 丁", ""),
            ("# snake_case 与 \\*星\\*", "snake_case 与 *星*", ""),
            ("# 甲 ##", "甲", ""),
            ("# C#", "C#", ""),
            ("## 只有二级", "", "## 只有二级\n"),
            ("没有标题", "", "没有标题\n"),
            ("#没有空格", "", "#没有空格\n"),
            ("    # 代码", "", "    # 代码\n"),
            ("#", "", "#\n"),
            ("", "", ""),
        ],
    )
    def test_from_the_first_h1(self, text: str, title: str, body: str) -> None:
        assert parse_document(text) == Document({}, body, title)

    def test_another_h1_stays_beside_a_title_in_front(self) -> None:
        assert parse_document("---\ntitle: 甲\n---\n# 乙\n").body == "# 乙\n"

    def test_long_ones_are_cut(self) -> None:
        assert len(parse_document("# " + "字" * 1000).title) == MAX_TITLE
        assert parse_document("# a" + " " * 200_000 + "b").title == "a"

    def test_headings_as_written(self) -> None:
        found = list(
            written_headings(["# a", "", "b", "---", "", "```", "# c", "```", "### d ###"])
        )
        assert [(h.level, h.text, h.start, h.end) for h in found] == [
            (1, "a", 0, 1),
            (2, "b", 2, 4),
            (3, "d", 8, 9),
        ]


class TestDump:
    def test_form(self) -> None:
        front = {"title": "题: 目", "tags": ["甲"], "updated": date(2026, 11, 20)}
        document = Document(front, "正文\n", "题: 目")
        assert dump_document(document) == (
            "---\ntitle: '题: 目'\ntags:\n- 甲\nupdated: 2026-11-20\n---\n\n正文\n"
        )

    def test_a_title_outside_the_front_is_a_heading(self) -> None:
        assert dump_document(Document({}, "乙\n", "甲")) == "# 甲\n\n乙\n"
        assert (
            dump_document(Document({"tags": ["x"]}, "", "甲")) == "---\ntags:\n- x\n---\n\n# 甲\n"
        )

    def test_a_body_that_begins_with_a_rule(self) -> None:
        document = Document({}, "---\na: 1\n---\n", "")
        assert parse_document(dump_document(document)) == document

    def test_nothing(self) -> None:
        assert dump_document(Document()) == ""


SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
LINES = st.sampled_from(
    [
        "# 甲",
        "## 乙",
        "甲",
        "===",
        "---",
        "",
        "```",
        "a: 1",
        "...",
        "<!-- x",
        "-->",
        "    # x",
        "# *a*",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES | st.text(max_size=8), max_size=12).map("\n".join))
def test_any_text_is_read_or_refused_and_comes_back(text: str) -> None:
    try:
        document = parse_document(text)
    except ProblemError as error:
        assert error.problem.code == "JS-2001"
        return
    assert parse_document(dump_document(document)) == document


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=10), VALUES, max_size=5),
    st.text(max_size=30),
)
def test_any_front_matter_comes_back(front: dict[str, Any], title: str) -> None:
    front.pop("title", None)
    written = " ".join(title.split())
    if written:
        front["title"] = written
    document = Document(front, "正文\n", written)
    again = parse_document(dump_document(document))
    assert again.front == document.front and again.body == document.body
    assert again.title == written


@given(st.text(max_size=60))
def test_any_title_comes_back(title: str) -> None:
    title = " ".join(title.split())
    document = Document({}, "正文\n", title)
    assert parse_document(dump_document(document)) == document
