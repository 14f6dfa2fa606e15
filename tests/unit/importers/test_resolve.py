"""Where links lead, inside the collection and out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.importers.markdown_folder import Collection, read_collection
from tests.unit.importers.helpers import PNG, links, make_tree, only, page, said


def resolved(tmp_path: Path, target: str, *, on: str = "docs/zh/guide/page.md") -> Collection:
    files: dict[str, bytes | str] = {
        "docs/zh/guide/foo.md": "",
        "docs/zh/guide/图 1.png": PNG,
        "docs/zh/guide/a%20b.png": PNG,
        "docs/zh/bar/index.md": "",
        "docs/zh/baz/README.md": "",
        "docs/zh/Qux.md": "",
        "img/x.png": PNG,
        on: f"[链接](<{target}>)",
    }
    return read_collection(make_tree(tmp_path, files))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("foo.md", ("page", "docs/zh/guide/foo.md", "")),
        ("./foo.md", ("page", "docs/zh/guide/foo.md", "")),
        ("foo", ("page", "docs/zh/guide/foo.md", "")),
        ("foo/", ("page", "docs/zh/guide/foo.md", "")),
        ("foo.html#节", ("page", "docs/zh/guide/foo.md", "节")),
        ("foo.mdx", ("page", "docs/zh/guide/foo.md", "")),
        ("foo.md?plain=1#L2", ("page", "docs/zh/guide/foo.md", "L2")),
        ("foo.md#%E8%8A%82", ("page", "docs/zh/guide/foo.md", "节")),
        ("../bar", ("page", "docs/zh/bar/index.md", "")),
        ("../bar/", ("page", "docs/zh/bar/index.md", "")),
        ("../bar/index.html", ("page", "docs/zh/bar/index.md", "")),
        ("../baz/", ("page", "docs/zh/baz/README.md", "")),
        ("/docs/zh/baz", ("page", "docs/zh/baz/README.md", "")),
        ("/zh/guide/foo", ("page", "docs/zh/guide/foo.md", "")),
        ("/guide/foo", ("page", "docs/zh/guide/foo.md", "")),
        ("图 1.png", ("file", "docs/zh/guide/图 1.png", "")),
        ("%E5%9B%BE%201.png", ("file", "docs/zh/guide/图 1.png", "")),
        ("%CD%BC%201.png", ("file", "docs/zh/guide/图 1.png", "")),  # GB18030
        ("a%20b.png", ("file", "docs/zh/guide/a%20b.png", "")),  # literally so on disk
        ("..\\..\\..\\img\\x.png", ("file", "img/x.png", "")),
        ("/img/x.png?raw=true", ("file", "img/x.png", "")),
        ("https://example.com/foo.md", ("remote", "", "")),
        ("HTTP://example.com", ("remote", "", "")),
        ("//cdn.example.com/x.js", ("remote", "", "")),
        ("mailto:a@example.com", ("mail", "", "")),
        ("tel:12345", ("mail", "", "")),
        ("#安装", ("anchor", "docs/zh/guide/page.md", "安装")),
        ("?a=1#安装", ("anchor", "docs/zh/guide/page.md", "安装")),
    ],
)
def test_links_that_lead_somewhere(
    tmp_path: Path, target: str, expected: tuple[str, str, str]
) -> None:
    collection = resolved(tmp_path, target)
    assert links(page(collection, "docs/zh/guide/page.md")) == {target: expected}
    assert collection.problems == ()


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("none.md", "missing"),
        ("foo.png", "missing"),
        ("guide/", "missing"),
        ("../../../img", "missing"),
        ("/none", "missing"),
        ("javascript:alert(1)", "missing"),
        ("a%00b.md", "missing"),
        ("a" * 5000, "missing"),
        ("data:text/html,x", "missing"),
        ("../../../../etc/passwd", "outside"),
        ("/../../etc/passwd", "missing"),
        ("..%2F..%2F..%2F..%2Fsecret.md", "outside"),
        ("file:///etc/passwd", "outside"),
        ("C:\\图\\a.docx", "outside"),
        ("d:/a.md", "outside"),
        ("\\\\server\\share\\a.md", "outside"),
    ],
)
def test_links_that_do_not(tmp_path: Path, target: str, kind: str) -> None:
    collection = resolved(tmp_path, target)
    assert [link.kind for link in page(collection, "docs/zh/guide/page.md").links] == [kind]
    assert said(collection) == [("JS-2008", "docs/zh/guide/page.md:1", "warning")]
    assert len(only(collection).text()) < 5000


def test_case_is_forgiven_with_a_warning(tmp_path: Path) -> None:
    collection = resolved(tmp_path, "../QUX.md")
    assert links(page(collection, "docs/zh/guide/page.md")) == {
        "../QUX.md": ("page", "docs/zh/Qux.md", "")
    }
    assert only(collection).code == "JS-2008" and "Qux.md" in only(collection).text()


def test_unicode_forms_of_macos_are_the_same_name(tmp_path: Path) -> None:
    make_tree(tmp_path, {"Cafe\u0301.md": "", "a.md": "[x](Caf\u00e9.md)"})
    collection = read_collection(tmp_path)
    assert links(page(collection, "a.md")) == {"Caf\u00e9.md": ("page", "Cafe\u0301.md", "")}
    assert collection.problems == ()
