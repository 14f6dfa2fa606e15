"""Finding and rewriting link targets in Markdown source."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.importers.masking import CODE, hide_code
from kb.importers.targets import find_targets, rewrite


def targets(markdown: str) -> list[str]:
    """Targets as written, pictures marked with ``!``."""
    return [("!" if target.is_media else "") + target.text for target in find_targets(markdown)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[a](b.md)", ["b.md"]),
        ("![p](img/a.png)", ["!img/a.png"]),
        ('![p](a.png "标题")', ["!a.png"]),
        ("![p](a.png '标题')", ["!a.png"]),
        ("[p](a.md (标题))", ["a.md"]),
        ('[p]( a.md\n "标题" )', ["a.md"]),
        ("[p](<有 空格.md>)", ["有 空格.md"]),
        ('![p](<a b.png> "t")', ["!a b.png"]),
        ("![p](图 1.png)", ["!图 1.png"]),
        ('![p](图 1.png "标题")', ["!图 1.png"]),
        ("[p](快速开始.md#安装)", ["快速开始.md#安装"]),
        ("[p](a(1).md)", ["a(1).md"]),
        ("[p](a(b(c)).md#d)", ["a(b(c)).md#d"]),
        (r"[p](a\(1.md)", [r"a\(1.md"]),
        ("[p](https://x.cn/<version>)", ["https://x.cn/<version>"]),
        ("（见[p](a.md)）和[q](b.md)。", ["a.md", "b.md"]),
        ("[![alt](i.png)](page.md)", ["!i.png", "page.md"]),
        ("[a [b](c.md) d", ["c.md"]),
        ("- [ ] [任务](t.md)", ["t.md"]),
        ("| [a](b.md) | ![c](d.png) |", ["b.md", "!d.png"]),
        ("> 引用 [a](b.md)", ["b.md"]),
        ("[a](b.md){: .button}", ["b.md"]),
        ("[outer](b [inner](i.md) e)", ["i.md"]),
        ("![p](data:image/png;base64,AAAA)", ["!data:image/png;base64,AAAA"]),
        ("[p](..\\图\\a.png)", ["..\\图\\a.png"]),
        # not links
        ("[a] (b.md)", []),
        ("a](b.md)", []),
        ("[a](b.md", []),
        ("[a]()", []),
        ("[a](<>)", []),
        ("[a](b\n\nc.md)", []),
        ("[a\n\nb](c.md)", []),
        (r"\[a](b.md)", []),
        (r"[a\](b.md)", []),
        (r"[a]\(b.md)", []),
        (r"\\[a](b.md)", ["b.md"]),
        (r"\![a](b.md)", ["b.md"]),
    ],
)
def test_inline(markdown: str, expected: list[str]) -> None:
    assert targets(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[a][l]\n\n[l]: b.md", ["b.md"]),
        ("[l][]\n\n[l]: b.md 'T'", ["b.md"]),
        ("[l]\n\n[l]: <b c.md>", ["b c.md"]),
        ("![a][图 片]\n\n[图  片]:\n  b.png\n", ["!b.png"]),
        ("[A B]\n\n[a b]: c.md\n[x]: unused.md", ["c.md"]),
        ("![l] [l]\n\n[l]: b.png", ["!b.png"]),
        ("- [a][l]\n\n    [l]: b.md", ["b.md"]),
        ("[a][l]\n\n[l]: b.md '[x](no.md)'", ["b.md"]),
        ("[//]: # (说明 [x](no.md))\n", []),
        ("[注]:请先阅读", []),
        ("脚注[^1]\n\n[^1]: 见 [a](b.md)", ["b.md"]),
    ],
)
def test_references(markdown: str, expected: list[str]) -> None:
    assert targets(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ('<img src="a.png" width="10">', ["!a.png"]),
        ("<IMG width=10 SRC='a.png'/>", ["!a.png"]),
        ("<img src=a.png>", ["!a.png"]),
        ('<img alt="设置->用户" src="a.png">', ["!a.png"]),
        ('<img\n  src = "a.png"\n>', ["!a.png"]),
        ('<a name="x" href="b.md">t</a>', ["b.md"]),
        (
            '<video src="v.mp4" poster="p.png"><track src="c.vtt"></video>',
            ["!v.mp4", "!p.png", "!c.vtt"],
        ),
        ('<p align="center">\n\n    <img src="a.png">\n\n</p>', ["!a.png"]),
        ('<a href="b.md"><img src="a.png"></a>', ["b.md", "!a.png"]),
        ('[<img src="a.png">](b.md)', ["!a.png", "b.md"]),
        ('<img data-src="a.png">', []),
        ('<abbr href="a">', []),
        (r'\<img src="a.png">', []),
        ('<img src="">', []),
        ("<a>[x](b.md)</a>", ["b.md"]),
    ],
)
def test_html(markdown: str, expected: list[str]) -> None:
    assert targets(markdown) == expected


@pytest.mark.parametrize(
    "markdown",
    [
        "`[a](no.md)`",
        "``[a](no`.md)``",
        "`多行\n[a](no.md)`",
        "```\n[a](no.md)\n```",
        "```md title='[x](no.md)'\n![a](no.png)\n```\n",
        "~~~\n[a](no.md)\n```\n~~~",
        "````\n```\n[a](no.md)\n```\n````",
        "- 步骤\n\n    ```\n    [a](no.md)\n    ```\n",
        "- ```\n  [a](no.md)\n  ```\n",
        "> ```\n> [a](no.md)\n> ```",
        "    [a](no.md)",
        "正文\n\n    [a](no.md)\n\n    ![b](no.png)\n",
        "正文\n\n\t[a](no.md)",
        "- 项\n\n正文\n\n    [a](no.md)",
        "<!-- [a](no.md) <img src='no.png'> -->",
        "<pre>\n[a](no.md)\n</pre>",
        "<code>[a](no.md)</code>",
        "<script>x = '<img src=no.png>'</script>",
        "```\r\n[a](no.md)\r\n```\r\n",
    ],
)
def test_code_is_not_searched(markdown: str) -> None:
    assert targets(markdown) == []
    assert rewrite(markdown, lambda _: "x") == markdown


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("```\n没有结束\n\n[a](b.md)", ["b.md"]),
        ("`没有结束 [a](b.md)", ["b.md"]),
        ("`没有结束\n\n[a](b.md) `", ["b.md"]),
        ("- 一个 ` 符号\n- [a](b.md) ` 又一个", ["b.md"]),
        ("| ` | x |\n| [a](b.md) | ` |", ["b.md"]),
        (r"\`[a](b.md)\`", ["b.md"]),
        ("<!-- 没有结束 [a](b.md)", ["b.md"]),
        ("`<!--` [a](b.md) `-->`", ["b.md"]),
        ("<pre>没有结束 [a](b.md)", ["b.md"]),
        ("1. 步骤\n\n    ![a](b.png)", ["!b.png"]),
        ("- 步骤\n\n    第二段\n\n    ![a](b.png)", ["!b.png"]),
        ('!!! note "注意"\n\n    [a](b.md)', ["b.md"]),
        ('=== "标签"\n\n    [a](b.md)', ["b.md"]),
        ("术语\n\n:   [a](b.md)\n\n    [c](d.md)", ["b.md", "d.md"]),
        ("正文\n    [a](b.md)", ["b.md"]),
        ("```\ncode\n```\n[a](b.md)\n```\n[no](no.md)\n```\n", ["b.md"]),
        ("[`code`](b.md)", ["b.md"]),
        ("# 标题 `x` [a](b.md)", ["b.md"]),
    ],
)
def test_what_only_looks_like_code_is_searched(markdown: str, expected: list[str]) -> None:
    assert targets(markdown) == expected


def test_lines_and_addresses() -> None:
    found = find_targets(
        '一\n[a](图%201.md)\n\n<a href="x.md?a=1&amp;b=2">\n'
        "[b](a\\_b\\(1\\).md) [c](a&amp;b.md)\n[d](<e f>)"
    )
    assert [(target.line, target.address) for target in found] == [
        (2, "图%201.md"),
        (4, "x.md?a=1&b=2"),
        (5, "a_b(1).md"),
        (5, "a&b.md"),
        (6, "e f"),
    ]


def test_rewrite_replaces_only_targets() -> None:
    before = """\
# 标题

见 [a](a.md "T") 与 ![p]( img/p.png ){ width=3 }。\x20\x20
`[a](a.md)`

<a href='a.md' class=x>a.md</a> <img src=img/p.png> [r][a.md] [other](b.md)

[a.md]: <a.md> "a.md"
"""
    after = """\
# 标题

见 [a](/manuals/a#节 "T") 与 ![p]( /media/1.png ){ width=3 }。\x20\x20
`[a](a.md)`

<a href='/manuals/a#节' class=x>a.md</a> <img src="/media/1.png"> [r][a.md] [other](b.md)

[a.md]: </manuals/a#节> "a.md"
"""
    urls = {"a.md": "/manuals/a#节", "img/p.png": "/media/1.png"}
    assert rewrite(before, urls.get) == after
    assert rewrite(before.replace("\n", "\r\n"), urls.get) == after.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "evil",
    [
        '/x"onerror="alert(1)',
        "/x' onload='y",
        "/x) ![y](z",
        "/a b\n\nc",
        "/x>y<z",
        "/x\\",
        "/x&amp;y",
    ],
)
@pytest.mark.parametrize(
    "markdown",
    [
        "前 [a](T) 后 [k](keep.md)",
        "前 [a](<T>) 后 [k](keep.md)",
        "前 [a][r] 后 [k](keep.md)\n\n[r]: T\n",
        '<a href="T">前</a> 后 [k](keep.md)',
        "<a href='T'>前</a> 后 [k](keep.md)",
        "<img src=T> 后 [k](keep.md)",
    ],
)
def test_a_replacement_cannot_break_out(markdown: str, evil: str) -> None:
    rewritten = rewrite(markdown, {"T": evil}.get)
    found = find_targets(rewritten)
    assert len(found) == 2
    (target,) = (target for target in found if target.text != "keep.md")
    assert unquote(html.unescape(target.address)) == html.unescape(evil)


_MARKS = "[ ] ( ) ![ ]( < > ` `` ``` ~~~ - > \\ \" ' # | <!-- --> <pre> </pre> !!! &amp; data:"
_PIECES = st.sampled_from(
    [
        *_MARKS.split(),
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "    ",
        " ",
        "\x00",
        "\x01",
        "- ",
        "> ",
        "[l]: ",
        "[l]",
        "<img src=",
        '<a href="',
        "a.md",
        "图 1.png",
        "https://x.cn",
    ]
)
_MARKDOWN = st.one_of(st.lists(_PIECES, max_size=40).map("".join), st.text())


@settings(deadline=None)
@given(_MARKDOWN)
def test_identity_leaves_every_byte(markdown: str) -> None:
    assert rewrite(markdown, lambda target: target) == markdown
    assert rewrite(markdown, lambda target: None) == markdown


@settings(deadline=None)
@given(_MARKDOWN)
def test_targets_are_where_they_say_and_do_not_overlap(markdown: str) -> None:
    end = 0
    for target in find_targets(markdown):
        assert end <= target.start < target.end
        assert markdown[target.start : target.end] == target.text
        assert target.line == markdown.count("\n", 0, target.start) + 1
        end = target.end


@settings(deadline=None)
@given(_MARKDOWN)
def test_rewriting_touches_nothing_but_targets(markdown: str) -> None:
    seen: list[str] = []

    def mark(target: str) -> str:
        seen.append(target)
        return "/X"

    rewritten = rewrite(markdown, mark)
    found = find_targets(markdown)
    assert seen == [target.text for target in found]
    pieces, at = [], 0
    for target in found:
        pieces.append(re.escape(markdown[at : target.start]))
        at = target.end
    pieces.append(re.escape(markdown[at:]))
    assert re.fullmatch('"?/X"?'.join(pieces), rewritten, re.S)


@settings(deadline=None)
@given(_MARKDOWN)
def test_hidden_text_keeps_positions_and_code_stays(markdown: str) -> None:
    hidden = hide_code(markdown)
    assert len(hidden) == len(markdown)
    assert [len(line) for line in hidden.split("\n")] == [len(x) for x in markdown.split("\n")]
    assert all(new in (old, CODE) for new, old in zip(hidden, markdown, strict=True))


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "[](",
        "![](",
        "`a``b",
        '<a x="',
        "<!--",
        "<pre>",
        "[a]:b\n",
        "\\`",
        '[](a "',
        "[](<",
        "```a\n",
        "```a\n~~~\n",
        "\n ",
    ],
)
def test_pages_made_to_be_slow_are_read_in_one_pass(piece: str) -> None:
    """Quadratic work on 400 kB would not come back in the time of a test run."""
    markdown = piece * (400_000 // len(piece))
    assert rewrite(markdown, lambda target: None) == markdown
