"""What the linter finds in a folder of Markdown, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kb.lint import lint_tree
from kb.problems import Problem

Write = Callable[..., Path]
Found = tuple[str, str, str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files below a root and give the root."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


def found(problems: list[Problem]) -> list[Found]:
    for problem in problems:
        assert "%(" not in problem.text() + problem.next_step()
    return [(problem.code, problem.where, problem.severity) for problem in problems]


def page(body: str, **front: str) -> str:
    head = "".join(f"{key}: {value}\n" for key, value in ({"title": "题"} | front).items())
    return f"---\n{head}---\n\n{body}\n"


def test_a_clean_tree(write: Write) -> None:
    root = write(
        {
            "faq/a.md": page(
                "见 [乙](../tutorials/b.md#下一步)、[丙](/faq/c)、[丁](#节)、[搜索](/search?q=x)、"
                "[手册](/manuals/reader)、[站外](https://e.cn/)。\n\n"
                "## 节\n\n![图](../img/p.svg)\n\n"
                "![演示](../img/v.mp4)\n\n[附件](../img/x.xlsx)"
            ),
            "faq/c.md": page("文"),
            "tutorials/b.md": page("文\n\n## 下一步\n\n[甲](<../faq/a.md>)"),
            "img/p.svg": "<svg/>",
            "img/v.mp4": "x",
            "img/v.vtt": "WEBVTT",
            "img/x.xlsx": "x",
        }
    )
    assert found(lint_tree(root)) == []


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("---\ntitle: a: b\n---\n文\n", "JS-2001", "faq/a.md:2"),
        ("---\ntitle: 题\nkind: wiki\n---\n文\n", "JS-2001", "faq/a.md:1"),
        ("没有标题\n", "JS-2009", "faq/a.md:1"),
        ("---\ntitle: 题\n---\n", "JS-2009", "faq/a.md"),
        (page("![图](gone.png)"), "JS-2007", "faq/a.md:5"),
        (page("文\n\n<img src='gone.png' alt='图'>"), "JS-2007", "faq/a.md:7"),
        (page("![图](../../x.png)"), "JS-2007", "faq/a.md:5"),
        (page("[甲](gone.md)"), "JS-2008", "faq/a.md:5"),
        (page("[甲](/faq/gone)"), "JS-2008", "faq/a.md:5"),
        (page("[甲](#没有)"), "JS-2008", "faq/a.md:5"),
        (page("[甲](b.md#没有)"), "JS-2008", "faq/a.md:5"),
        (page("[甲](/faq/b#没有)"), "JS-2008", "faq/a.md:5"),
        (page("文", slug="A b"), "JS-2006", "faq/a.md:1"),
        (page("文", slug="b"), "JS-2006", "faq/b.md"),
        (page(">" * 100), "JS-2003", "faq/a.md"),
    ],
)
def test_errors(write: Write, text: str, code: str, where: str) -> None:
    root = write({"faq/a.md": text, "faq/b.md": page("文\n\n## 有")})
    assert found(lint_tree(root)) == [(code, where, "error")]


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ("![](p.png)", "JS-2009", "faq/a.md:5"),
        ("文\n\n<img src=p.png>", "JS-2009", "faq/a.md:7"),
        ("![图](p.png)\n\n### 三级", "JS-2009", "faq/a.md"),
        ("![图](p.png)\n\n## 二\n\n#### 四", "JS-2009", "faq/a.md"),
        ("![图](p.png) ![演示](v.mp4)", "JS-2009", "faq/a.md:5"),
        ("![图](p.png) ![远](https://e.cn/a.png)", "JS-2007", "faq/a.md:5"),
        ("![图](p.png) [外](../../x.md)", "JS-2008", "faq/a.md:5"),
        ("没用图", "JS-2009", "faq/p.png"),
    ],
)
def test_warnings(write: Write, body: str, code: str, where: str) -> None:
    root = write({"faq/a.md": page(body), "faq/p.png": b"x", "faq/v.mp4": b"x"})
    assert found(lint_tree(root)) == [(code, where, "warning")]


def test_duplicate_slugs(write: Write) -> None:
    root = write(
        {
            "faq/a.md": page("文"),
            "faq/A.md": page("文"),
            "tutorials/a.md": page("文"),
            "faq/a/index.md": page("文"),
        }
    )
    assert [code for code, _, _ in found(lint_tree(root))] == ["JS-2006", "JS-2006"]


def test_unknown_folders_are_named_once(write: Write) -> None:
    root = write(
        {"wiki/a.md": page("文"), "wiki/b/c.md": page("文"), "wiki/d.md": page("文", kind="faq")}
    )
    assert found(lint_tree(root)) == [("JS-2009", "wiki", "warning")]
    assert found(lint_tree(root, folders={"wiki"})) == []


def test_a_folder_of_one_kind_can_be_checked_alone(write: Write) -> None:
    root = write({"content/faq/a.md": page("[乙](b.md)"), "content/faq/b.md": page("文")})
    assert found(lint_tree(root / "content" / "faq")) == []


def test_a_single_file(write: Write) -> None:
    root = write({"faq/a.md": page("![图](p.png)\n\n[乙](gone.md)"), "faq/p.png": b"x"})
    assert found(lint_tree(root / "faq" / "a.md")) == [("JS-2008", "a.md:7", "error")]


def test_other_encodings_are_read(write: Write) -> None:
    text = page("这是用国标编码保存的常见问题，里面有足够多的汉字，可以认出编码。[甲](没有.md)")
    root = write({"faq/a.md": text.encode("gb18030"), "faq/b.md": b"\x00\x01\xff" * 50})
    assert found(lint_tree(root)) == [
        ("JS-2008", "faq/a.md:5", "error"),
        ("JS-2002", "faq/b.md", "error"),
    ]


def test_a_heading_that_gave_way_to_an_id_of_the_page(write: Write) -> None:
    root = write({"faq/a.md": page("[a](#search)\n\n## Search")})
    assert found(lint_tree(root)) == []


def test_links_in_code_are_no_links(write: Write) -> None:
    root = write({"faq/a.md": page("```\n[a](gone.md)\n![b](gone.png)\n```\n\n`[c](gone.md)`")})
    assert found(lint_tree(root)) == []


def test_each_target_is_reported_once(write: Write) -> None:
    root = write({"faq/a.md": page("[a](gone.md)\n\n[b](gone.md)\n\n![c](x.png)\n\n![d](x.png)")})
    assert found(lint_tree(root)) == [
        ("JS-2008", "faq/a.md:5", "error"),
        ("JS-2007", "faq/a.md:9", "error"),
    ]


def test_uploaded_media_and_pictures_named_in_front_matter(write: Write) -> None:
    text = page("![图](/media/0123.png)", cover="../img/cover.png")
    root = write({"faq/a.md": text, "img/cover.png": b"x"})
    assert found(lint_tree(root)) == []


def test_nothing_there(tmp_path: Path) -> None:
    assert lint_tree(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        lint_tree(tmp_path / "gone")
