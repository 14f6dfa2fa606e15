"""One CSV file, as ERP systems write them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.csv_folder.entities import PURCHASES, TASKS, columns_of
from plugins.csv_folder.reading import Table, read_table, safe_cell
from portal.api import ProblemError

HEADER = "采购单号,物料,数量,金额,供应商\n"
ROW = "PO-1,无缝钢管,20,1800.50,华东钢材\n"


def read(path: Path, data: bytes | str, *, max_bytes: int = 1 << 20) -> Table:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_table(path, PURCHASES, max_bytes=max_bytes)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "po.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_encodings(encoding: str, file: Path) -> None:
    table = read(file, (HEADER + ROW).encode(encoding))
    assert table.rows[0]["item"] == "无缝钢管"
    assert table.encoding.startswith("gb18030" if encoding.startswith("gb") else "utf")
    assert table.problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str, file: Path) -> None:
    table = read(file, (HEADER + ROW).replace(",", delimiter))
    assert table.delimiter == delimiter
    assert table.rows[0]["amount"] == "1800.50"


def test_excels_own_note_of_the_delimiter(file: Path) -> None:
    table = read(file, "sep=;\n采购单号;物料;数量\nA;x,y,z;1\n")
    assert table.rows == ({"order_no": "A", "item": "x,y,z", "quantity": "1"},)


def test_quotes_line_breaks_and_line_ends(file: Path) -> None:
    table = read(file, '采购单号,物料,数量\r\n1,"管, ""DN50""\n镀锌",3\r\n\r\n2,板,4\r\n')
    assert [row["item"] for row in table.rows] == ['管, "DN50"\n镀锌', "板"]
    assert table.problems == ()


def test_headers_are_found_by_title_name_or_usual_spelling(file: Path) -> None:
    table = read(file, "PO Number , 品名,ＱＴＹ,别的\nA,管,3,x\n")
    assert table.rows == ({"order_no": "A", "item": "管", "quantity": "3"},)


def test_one_column_is_never_taken_for_two() -> None:
    found = columns_of(TASKS, ["编号", "任务", "项目编号"])
    assert found == {"task_no": 0, "name": 1, "project_no": 2}


def test_a_missing_column_is_named_with_what_was_there(file: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read(file, "采购单号,备注\nA,x\n")
    problem = caught.value.problem
    assert problem.code == "JS-4003" and problem.where == "po.csv"
    assert "物料、数量" in problem.text() and "采购单号、备注" in problem.text()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空的"),
        (b"\n\n", "空的"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "编码"),
        (b"\xff\xff\xfa\xfa broken \x00", "编码"),
    ],
)
def test_files_that_cannot_be_read(data: bytes, says: str, file: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read(file, data)
    assert caught.value.problem.code == "JS-4003" and says in caught.value.problem.text()


def test_a_file_too_large(file: Path) -> None:
    with pytest.raises(ProblemError, match="上限 1 MB"):
        read(file, HEADER + ROW * 40_000, max_bytes=1 << 20)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="JS-4003"):
        read_table(tmp_path / "gone.csv", PURCHASES, max_bytes=100)


def test_rows_of_another_width_are_left_out_and_named(file: Path) -> None:
    table = read(file, HEADER + ROW + "PO-2,只有两栏\n" + "PO-3,a,1,2,b,多出一栏\n" + ROW)
    assert len(table.rows) == 2
    (odd, doubled) = table.problems
    assert "2 行" in odd.text() and "3、4" in odd.text()
    assert "采购单号" in doubled.text()
    assert {problem.severity for problem in table.problems} == {"warning"}


def test_a_header_alone_is_worth_a_word(file: Path) -> None:
    (problem,) = read(file, HEADER).problems
    assert "只有表头" in problem.text() and problem.severity == "warning"


def test_blank_and_repeated_numbers(file: Path) -> None:
    table = read(file, "采购单号,物料,数量\nA,x,1\nA,y,1\n,z,1\n,w,1\n")
    (problem,) = table.problems
    assert "2 行空白" in problem.text() and "1 行与别的行重复" in problem.text()


@pytest.mark.parametrize(
    "cell",
    ["=1+1", '=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "＝x"],
)
def test_formulas_are_made_harmless(cell: str) -> None:
    safe = safe_cell(cell)
    assert safe == (cell if cell.startswith("＝") else "'" + cell)


@pytest.mark.parametrize(
    "cell", ["", "-", "-5", "+86 138 0000 0000", "-1,200.50", "-3%", "A=1", "5-2"]
)
def test_plain_numbers_stay_as_they_are(cell: str) -> None:
    assert safe_cell(cell) == cell


def test_formulas_in_a_file_are_reported(file: Path) -> None:
    table = read(file, 'PO,物料,数量\nA,"=cmd|x",1\nB,-,-3\n')
    assert [row["item"] for row in table.rows] == ["'=cmd|x", "-"]
    (problem,) = table.problems
    assert "公式" in problem.text() and "第 2 行" in problem.text()


cells = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back(
    file: Path, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["采购单号", "物料", "数量"])
    writer.writerows(rows)
    table = read(file, b"\xef\xbb\xbf" + out.getvalue().encode())
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    found = [(row["order_no"], row["item"], row["quantity"]) for row in table.rows]
    assert found == [tuple(safe_cell(cell.strip()) for cell in row) for row in expected]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(file: Path, data: bytes) -> None:
    try:
        read(file, data)
    except ProblemError as error:
        assert error.problem.code == "JS-4003" and error.problem.text()
