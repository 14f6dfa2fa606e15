"""Tables as people export them, and the pages they become."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.frontmatter import parse_document
from kb.importers.markdown_folder import read_collection
from kb.problems import Problem, ProblemError
from plugins.import_table.pages import file_name, page, write_pages
from plugins.import_table.plugin import convert
from plugins.import_table.reading import DELIMITERS, Row, Table, read_table
from portal.api import PluginContext

Convert = Callable[[bytes | str], tuple[dict[str, str], list[Problem]]]


@pytest.fixture
def made(tmp_path: Path, make_ctx: Callable[..., PluginContext]) -> Convert:
    """Convert a table; gives file name → text, and the problems."""

    def run(data: bytes | str) -> tuple[dict[str, str], list[Problem]]:
        path, into = tmp_path / "问答.csv", tmp_path / "into"
        into.mkdir()
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        problems = list(convert(make_ctx(), path, into))
        return {one.name: one.read_text(encoding="utf-8") for one in into.iterdir()}, problems

    return run


def test_a_row_becomes_a_page_with_title_tags_and_slug(made: Convert) -> None:
    pages, problems = made(
        "编号,问题,答案,标签,备注\n"
        'leave,怎么请假？,"先填表。\n\n1. 找主管\n2. 等批准",人事、假期,x\n'
    )
    assert problems == [] and list(pages) == ["leave.md"]
    document = parse_document(pages["leave.md"])
    assert document.title == "怎么请假？"
    assert document.front == {"title": "怎么请假？", "slug": "leave", "tags": ["人事", "假期"]}
    assert document.body == "先填表。\n\n1. 找主管\n2. 等批准\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
@pytest.mark.parametrize("delimiter", list(DELIMITERS))
@pytest.mark.parametrize("header", [("問題", "答案"), ("Question", "ANSWER")])
def test_every_encoding_and_delimiter(
    encoding: str, delimiter: str, header: tuple[str, str], made: Convert
) -> None:
    rows = [delimiter.join(header), delimiter.join(("這是什麼", "一個門戶"))]
    pages, problems = made("\r\n".join(rows).encode(encoding))
    assert problems == []
    assert [parse_document(text).body for text in pages.values()] == ["一個門戶\n"]


def test_excels_note_of_the_delimiter(made: Convert) -> None:
    pages, problems = made("sep=;\n问题;答案\n甲, 乙？;丙\n;缺\n")
    assert [parse_document(text).title for text in pages.values()] == ["甲, 乙？"]
    assert [problem.where for problem in problems] == ["问答.csv:4"]


def test_rows_that_are_not_whole_are_named_by_their_line(made: Convert) -> None:
    pages, problems = made('问题,答案\n甲,"一\n二"\n乙,\n,丙\n丁,戊,己\n\n庚,辛,\n')
    assert sorted(parse_document(text).title for text in pages.values()) == ["庚", "甲"]
    assert [problem.where for problem in problems] == [f"问答.csv:{n}" for n in (4, 5, 6)]
    assert "答案" in problems[0].text() and "问题" in problems[1].text()
    assert all(problem.severity == "error" and problem.next_step() for problem in problems)


def test_repeated_questions_and_slugs_are_named_with_the_first(made: Convert) -> None:
    pages, problems = made("问题,答案,编号\n甲？,一,a\n甲？ ,二,b\n乙？,三,a\n丙？,四,../x\n")
    assert len(pages) == 2
    assert [(problem.where, problem.severity) for problem in problems] == [
        ("问答.csv:3", "error"),
        ("问答.csv:4", "error"),
        ("问答.csv:5", "warning"),
    ]
    assert all("第 2 行" in problem.text() for problem in problems[:2])
    assert "slug" not in next(text for text in pages.values() if "丙" in text)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("名称,价格\n甲,1\n", "JS-2007"),
        ("", "JS-2007"),
        ("\n\n", "JS-2007"),
        (b"\x00\x01\x02\xff" * 20, "JS-2002"),
        ("问题,答案\n甲," + "长" * 140_000 + "\n", "JS-2007"),
    ],
)
def test_what_is_no_table_of_questions_is_refused_in_words(
    data: bytes | str, code: str, made: Convert
) -> None:
    with pytest.raises(ProblemError) as caught:
        made(data)
    assert caught.value.problem.code == code and caught.value.problem.next_step()


def test_only_a_header(made: Convert) -> None:
    pages, problems = made("问题,答案\n")
    assert pages == {} and [problem.severity for problem in problems] == ["warning"]


def test_what_looks_like_a_formula_is_text(made: Convert) -> None:
    formula = '=HYPERLINK("http://x.example","点我")'
    quoted = formula.replace('"', '""')
    pages, problems = made(f'问题,答案\n"{quoted}","{quoted}"\n')
    assert problems == []
    document = parse_document(next(iter(pages.values())))
    assert (document.title, document.body) == (formula, f"{formula}\n")


def test_five_thousand_rows_are_five_thousand_pages(tmp_path: Path, made: Convert) -> None:
    rows = "".join(f"第 {n} 个问题？,答案 {n}\n" for n in range(5_000))
    pages, problems = made("问题,答案\n" + rows)
    assert problems == [] and len(pages) == 5_000


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40)
FULL = CELL.filter(lambda text: text.strip())


@given(question=FULL, answer=FULL, tags=CELL)
def test_any_row_survives_as_front_matter_and_body(question: str, answer: str, tags: str) -> None:
    question = " ".join(question.split())
    text = page(Row(2, question, answer, tags), question, "")
    document = parse_document(text)
    assert set(document.front) <= {"title", "tags"}
    assert isinstance(document.front["title"], str)
    kept = [char for char in question if char.isalnum()]
    assert [char for char in document.title if char.isalnum()] == kept


@given(st.lists(st.tuples(FULL, FULL), max_size=8))
def test_any_csv_is_read_as_it_was_written(rows: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        out = io.StringIO(newline="")
        csv.writer(out).writerows([("问题", "答案"), *rows])
        path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
        try:
            table = read_table(path)
        except ProblemError as error:
            # More control characters than any text has.
            assert error.problem.code == "JS-2002"
            return
    read = [(row.question, row.answer) for row in table.rows]
    plain = [
        tuple(cell.replace("\r\n", "\n").replace("\r", "\n").strip() for cell in row)
        for row in rows
    ]
    assert read == plain and not [one for one in table.problems if one.severity == "error"]


@given(st.lists(FULL, max_size=10))
def test_no_two_questions_share_a_page_and_every_page_has_an_address(names: list[str]) -> None:
    rows = tuple(Row(n + 2, name, "答") for n, name in enumerate(names))
    with tempfile.TemporaryDirectory() as folder:
        problems = list(write_pages(Table("t.csv", rows, ()), Path(folder)))
        with read_collection(Path(folder)) as collection:
            assert len(collection.pages) + len(problems) == len(rows)
            assert collection.refused == ()


def test_a_files_name_stays_when_the_answer_changes_and_differs_for_other_questions() -> None:
    assert file_name("", "怎么请假？") == "怎么请假.md"
    assert file_name("", "C 和 C++？") != file_name("", "C 和 C#？")
    assert file_name("a/b", "x") == "a-b.md"
    assert file_name("", "？？？") != file_name("", "！！！")
