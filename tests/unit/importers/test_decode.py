"""Encodings: what Chinese editors write is read right, and nothing is guessed into nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.importers.decode import decode, read_text
from kb.problems import ProblemError

SIMPLIFIED = "# 任务拆解\n\n项目经理把任务拆到两天以内，再分给成员。\n"
TRADITIONAL = "# 專案進度\n\n軟體官負責權限與審批流程，確認資料無誤後發佈。\n"


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        (b"plain ASCII\n", "plain ASCII\n", "utf-8"),
        (SIMPLIFIED.encode(), SIMPLIFIED, "utf-8"),
        (b"\xef\xbb\xbf" + SIMPLIFIED.encode(), SIMPLIFIED, "utf-8"),
        (b"\xff\xfe" + SIMPLIFIED.encode("utf-16-le"), SIMPLIFIED, "utf-16-le"),
        (b"\xfe\xff" + SIMPLIFIED.encode("utf-16-be"), SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED.encode("gb18030"), SIMPLIFIED, "gb18030"),
        (TRADITIONAL.encode("gb18030"), TRADITIONAL, "gb18030"),
        (TRADITIONAL.encode("big5"), TRADITIONAL, "big5"),
        ("café naïve".encode(), "café naïve", "utf-8"),
        ("Привет, мир".encode(), "Привет, мир", "utf-8"),
        (
            "├── 配置\n│\u00a0\u00a0└── 说明\n".encode("gb18030"),
            "├── 配置\n│\u00a0\u00a0└── 说明\n",
            "gb18030",
        ),
    ],
)
def test_known_encodings(data: bytes, text: str, encoding: str) -> None:
    assert decode(data) == (text, encoding)


@pytest.mark.parametrize("word", ["测试", "停止", "模式", "一", "审批", "甘特图", "——"])
def test_two_characters_are_enough_for_gb18030(word: str) -> None:
    assert decode(word.encode("gb18030")) == (word, "gb18030")


@pytest.mark.parametrize("word", ["测试", "停止", "é", "Žižek", "α", "м", "½", "✓"])
def test_short_utf8_stays_utf8(word: str) -> None:
    assert decode(word.encode()) == (word, "utf-8")


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_line_ends_become_plain(line_end: str, encoding: str) -> None:
    text, _ = decode(SIMPLIFIED.replace("\n", line_end).encode(encoding))
    assert text == SIMPLIFIED


@pytest.mark.parametrize(
    "data",
    [
        "résumé, façade".encode("latin-1"),
        "It\u2019s quoted".encode("cp1252"),
        "日本語のテキストです。これはどうですか".encode("euc_jp"),
        "日本語のテキストです".encode("shift_jis"),
        "Привет, мир".encode("koi8-r"),
        SIMPLIFIED.encode()[:-4] + b"\x80\n",  # UTF-8 with a damaged character
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        SIMPLIFIED.encode("utf-16-le"),  # without byte order mark
        b"\xff\xfe\x00",  # half a character
        b"\xff\xfe\x00\x00" + "文".encode("utf-32-le"),
        bytes(range(1, 9)) * 20,
    ],
)
def test_what_is_no_text_is_refused_with_a_next_step(data: bytes) -> None:
    with pytest.raises(ProblemError) as caught:
        decode(data, where="a.md")
    problem = caught.value.problem
    assert problem.code == "JS-2002"
    assert problem.where == "a.md"
    assert "%(" not in problem.text() + problem.next_step()
    assert problem.next_step()


def test_the_line_that_is_damaged_is_named() -> None:
    data = "第一行\n第二行\n".encode() + b"\xe6\x96 \n" + "第四行，后面还有字".encode()
    with pytest.raises(ProblemError) as caught:
        decode(data, where="a.md")
    assert caught.value.problem.where == "a.md"
    assert "第 3 行" in caught.value.problem.text()


def test_read_text(tmp_path: Path) -> None:
    file = tmp_path / "说明.md"
    file.write_bytes(SIMPLIFIED.encode("gb18030"))
    assert read_text(file) == (SIMPLIFIED, "gb18030")
    file.write_bytes(b"\0")
    with pytest.raises(ProblemError, match=r"说明\.md"):
        read_text(file)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text, encoding = decode(data)
    except ProblemError as error:
        assert error.problem.code == "JS-2002"
    else:
        assert "\r" not in text and "\0" not in text
        assert encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5")


_COMMON = [
    char
    for lead in range(0xB0, 0xD8)
    for trail in range(0xA1, 0xFF)
    if len(char := bytes((lead, trail)).decode("gb2312", "ignore")) == 1
]


@settings(deadline=None)
@given(
    st.text(st.sampled_from(_COMMON), min_size=3),
    st.text(st.characters(codec="ascii", min_codepoint=32)),
)
def test_common_chinese_in_gb18030_is_read_back(chinese: str, ascii_text: str) -> None:
    text = f"{ascii_text}，{chinese}。"
    assert decode(text.encode("gb18030")) == (text, "gb18030")


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1))
def test_chinese_in_utf8_is_read_back(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8")
