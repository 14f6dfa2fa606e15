"""Reading collections: what comes in, where its links lead, and what is said about the rest."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kb.importers import markdown_folder
from kb.importers.markdown_folder import Collection, read_collection, rewrite, slug_for
from kb.problems import ProblemError
from tests.unit.importers.helpers import PNG, links, make_tree, make_zip, media, only, page, said

FILES: dict[str, bytes | str] = {
    "docs/README.md": "# 手册\n\n[指南](guide/) [安装](guide/install#步骤) ![图](../img/a.png)\n",
    "docs/guide/index.md": "---\ntitle: 指南\n---\n\n[首页](../README.md) [安装](install.html)\n",
    "docs/guide/install.md": "# 安装\n\n![图](/img/a.png)\n\n[表](files/清单.xlsx)\n",
    "docs/guide/files/清单.xlsx": b"PK",
    "img/a.png": PNG,
    "img/unused.png": PNG,
    ".git/HEAD.md": "# hidden",
    "node_modules/x/README.md": "# foreign",
    "docs/.draft.md": "# hidden",
    "notes.txt": "no page",
}


@pytest.fixture(params=["folder", "zip"])
def collection(request: pytest.FixtureRequest, tmp_path: Path) -> Collection:
    if request.param == "folder":
        return read_collection(make_tree(tmp_path / "手册", FILES))
    collection = read_collection(make_zip(tmp_path / "手册.zip", FILES))
    request.addfinalizer(collection.close)
    return collection


def test_a_folder_and_a_zip_are_read_alike(collection: Collection) -> None:
    assert collection.root_name == "手册"
    assert collection.base == "docs"
    assert collection.problems == ()
    assert collection.refused == ()
    assert [(page.path, page.document.title) for page in collection.pages] == [
        ("docs/README.md", "手册"),
        ("docs/guide/index.md", "指南"),
        ("docs/guide/install.md", "安装"),
    ]
    assert [
        slug_for(page.path, collection.base, root_name="手册") for page in collection.pages
    ] == [
        "docs",
        "guide",
        "guide/install",
    ]
    readme = page(collection, "docs/README.md")
    assert readme.encoding == "utf-8"
    assert readme.sha256 == hashlib.sha256(str(FILES["docs/README.md"]).encode()).hexdigest()
    assert links(readme) == {
        "guide/": ("page", "docs/guide/index.md", ""),
        "guide/install#步骤": ("page", "docs/guide/install.md", "步骤"),
    }
    assert media(readme) == {"../img/a.png": ("inside", "img/a.png")}
    assert links(page(collection, "docs/guide/index.md")) == {
        "../README.md": ("page", "docs/README.md", ""),
        "install.html": ("page", "docs/guide/install.md", ""),
    }
    install = page(collection, "docs/guide/install.md")
    assert media(install) == {"/img/a.png": ("inside", "img/a.png")}
    assert links(install) == {"files/清单.xlsx": ("file", "docs/guide/files/清单.xlsx", "")}


def test_only_files_that_pages_use_are_taken_along(collection: Collection) -> None:
    assert list(collection.media) == ["docs/guide/files/清单.xlsx", "img/a.png"]
    picture = collection.media["img/a.png"]
    assert picture.read() == PNG
    assert (picture.size, picture.sha256) == (8, hashlib.sha256(PNG).hexdigest())


def test_lines_count_in_the_file(collection: Collection) -> None:
    assert [link.line for link in page(collection, "docs/guide/index.md").links] == [5, 5]
    assert [item.line for item in page(collection, "docs/guide/install.md").media] == [3]


def test_progress_is_told(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.md": "x", "b.md": "y", "c.md": b"\0"})
    told: list[tuple[int, int, str]] = []
    read_collection(tmp_path, progress=lambda *step: told.append(step))
    assert told == [(1, 3, "a.md"), (2, 3, "b.md"), (3, 3, "c.md")]


def test_pictures(tmp_path: Path) -> None:
    make_tree(
        tmp_path / "top/docs",
        {
            "a.md": "![一](img/a.png) ![二](img/none.png) ![三](../img/b.png)\n"
            "![四](https://example.com/c.png) ![五](data:image/png;base64,AAAA)\n"
            "![六](C:\\图\\d.png) ![七](a.md)\n![又二](img/none.png)\n",
            "img/a.png": PNG,
        },
    )
    make_tree(tmp_path / "top", {"img/b.png": PNG})
    collection = read_collection(tmp_path / "top/docs")
    assert [(item.kind, item.path) for item in collection.pages[0].media] == [
        ("inside", "img/a.png"),
        ("missing", ""),
        ("outside", ""),
        ("remote", ""),
        ("embedded", ""),
        ("outside", ""),
        ("missing", ""),
        ("missing", ""),
    ]
    assert said(collection) == [
        ("JS-2007", f"a.md:{line}", "warning") for line in (1, 1, 2, 2, 3, 3)
    ]
    texts = [problem.text() + problem.next_step() for problem in collection.problems]
    assert "img/none.png" in texts[0]
    assert str(tmp_path / "top") in texts[1] and "上级文件夹" in texts[1]
    assert "下载" in texts[2]
    assert list(collection.media) == ["img/a.png"]


def test_the_folder_to_import_instead_holds_both(tmp_path: Path) -> None:
    make_tree(tmp_path, {"d/docs/zh/guide/a.md": "![x](../../../img/x.png)", "d/img/x.png": PNG})
    (problem,) = read_collection(tmp_path / "d/docs/zh").problems
    assert problem.params["folder"] == str(tmp_path / "d")
    collection = read_collection(Path(problem.params["folder"]))
    assert collection.problems == () and list(collection.media) == ["img/x.png"]


def test_climbing_out_of_a_zip_has_its_own_advice(tmp_path: Path) -> None:
    with read_collection(
        make_zip(tmp_path / "a.zip", {"a.md": "![x](../x.png) [y](../y.md)"})
    ) as read:
        assert [problem.code for problem in read.problems] == ["JS-2007", "JS-2008"]
        assert all("打包" in problem.next_step() for problem in read.problems)
        said(read)


def test_nobody_is_told_to_import_the_whole_disk(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.md": f"![x]({'../' * 60}x.png)"})
    assert only(read_collection(tmp_path)).params["folder"] == ""


def test_out_and_in_again_stays_inside(tmp_path: Path) -> None:
    make_tree(
        tmp_path / "zh", {"a.md": "[x](../zh/b.md) ![y](../zh/c.png)", "b.md": "", "c.png": PNG}
    )
    collection = read_collection(tmp_path / "zh")
    assert links(page(collection, "a.md")) == {"../zh/b.md": ("page", "b.md", "")}
    assert collection.problems == ()


def test_nothing_outside_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(
        tmp_path,
        {"in/a.md": "![x](../x.png) [y](../y.md) ![z](/x.png)", "x.png": PNG, "y.md": "秘密"},
    )
    opened: list[str] = []
    real_open = Path.open

    def watched(self: Path, *args: object, **kwargs: object) -> object:
        opened.append(str(self))
        return real_open(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", watched)
    read_collection(tmp_path / "in")
    assert opened == [str(tmp_path / "in/a.md")]


def test_links_on_disk_are_no_way_out(tmp_path: Path) -> None:
    make_tree(tmp_path, {"secret/s.png": PNG, "secret/s.md": "秘密", "in/real.png": PNG})
    root = tmp_path / "in"
    (root / "s.png").symlink_to(tmp_path / "secret/s.png")
    (root / "s.md").symlink_to(tmp_path / "secret/s.md")
    (root / "folder").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to(root)
    (root / "self.md").symlink_to(root / "self.md")
    (root / "dangling.md").symlink_to(root / "none.md")
    (root / "inner.png").symlink_to(root / "real.png")
    make_tree(
        root,
        {"a.md": "![x](s.png) ![y](folder/s.png) ![z](inner.png) [t](s.md) ![l](loop/real.png)"},
    )
    collection = read_collection(root)
    assert [page.path for page in collection.pages] == ["a.md"]
    assert [item.kind for item in collection.pages[0].media] == [
        "missing",
        "missing",
        "inside",
        "missing",
    ]
    assert [link.kind for link in collection.pages[0].links] == ["missing"]
    assert list(collection.media) == ["inner.png"]


def test_a_file_replaced_by_a_link_after_listing_is_not_read(tmp_path: Path) -> None:
    make_tree(tmp_path, {"secret.png": b"secret", "in/a.md": "![x](x.png)", "in/x.png": PNG})
    collection = read_collection(tmp_path / "in")
    (tmp_path / "in/x.png").unlink()
    (tmp_path / "in/x.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(PermissionError):
        collection.media["x.png"].read()


def test_the_imported_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    make_tree(tmp_path / "real", {"a.md": "![x](x.png)", "x.png": PNG})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    collection = read_collection(tmp_path / "link")
    assert collection.problems == () and collection.root_name == "real"


def test_one_bad_page_does_not_stop_the_others(tmp_path: Path) -> None:
    make_tree(
        tmp_path,
        {
            "a.md": "# 好\n\n[坏](front.md) [大](large.md)",
            "binary.md": b"\x89PNG\0\0",
            "front.md": "---\ntitle: [未结束\n---\n正文",
            "large.md": "大" * 400_000,
            "gbk.md": "# 审批\n\n[好](a.md)".encode("gb18030"),
            "z.md": "# 也好",
        },
    )
    collection = read_collection(tmp_path)
    assert [page.path for page in collection.pages] == ["a.md", "gbk.md", "z.md"]
    assert collection.refused == ("binary.md", "front.md", "large.md")
    errors = [problem for problem in collection.problems if problem.severity == "error"]
    assert [problem.code for problem in errors] == ["JS-2002", "JS-2001", "JS-2003"]
    assert [problem.where.split(":")[0] for problem in errors] == list(collection.refused)
    gbk = page(collection, "gbk.md")
    assert (gbk.encoding, gbk.document.title) == ("gb18030", "审批")
    # Links to what did not come in say so.
    assert {link.kind for link in page(collection, "a.md").links} == {"outside"}
    assert [code for code, _, severity in said(collection) if severity == "warning"] == [
        "JS-2008"
    ] * 2


@contextmanager
def without_privileges() -> Iterator[None]:
    """As somebody whom file permissions hold: root, as tests run in containers, is not held."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_is_reported() -> None:
    # Not below pytest's own folder, which only its owner may enter.
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        make_tree(root, {"a.md": "![x](x.png)", "b.md": "", "x.png": PNG, "d/c.md": ""})
        for name in ("b.md", "x.png", "d"):
            (root / name).chmod(0)
        with without_privileges():
            collection = read_collection(root)
        (root / "d").chmod(0o700)
        assert collection.refused == ("b.md",)
        assert [problem.where for problem in collection.problems] == ["d", "b.md", "x.png"]


def test_folders_that_may_not_be_listed_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree(tmp_path, {"a.md": "", "closed/b.md": ""})
    real = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    collection = read_collection(tmp_path)
    assert [page.path for page in collection.pages] == ["a.md"]
    assert said(collection) == [("JS-2002", "closed", "error")]


def test_files_that_vanish_are_reported(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.md": "![x](x.png)", "b.md": "", "x.png": PNG})

    def remove(done: int, total: int, path: str) -> None:
        (tmp_path / "b.md").unlink(missing_ok=True)
        (tmp_path / "x.png").unlink(missing_ok=True)

    collection = read_collection(tmp_path, progress=remove)
    assert collection.refused == ("b.md",)
    assert said(collection) == [("JS-2002", "b.md", "error"), ("JS-2002", "x.png", "warning")]
    assert [item.kind for item in collection.pages[0].media] == ["missing"]


def test_names_that_are_not_utf8_are_reported(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.md": ""})
    with open(os.fsencode(tmp_path) + b"/\xb2\xe2.md", "wb"):  # noqa: PTH123 - a name of bytes
        pass
    collection = read_collection(tmp_path)
    assert [page.path for page in collection.pages] == ["a.md"]
    assert [problem.code for problem in collection.problems] == ["JS-2002"]
    collection.problems[0].where.encode("utf-8")
    collection.refused[0].encode("utf-8")


def test_media_over_their_limit_stay_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree(tmp_path, {"a.md": "![x](x.png) [y](x.png)", "b.md": "![x](x.png)", "x.png": PNG})
    monkeypatch.setattr(markdown_folder, "size_limit", lambda name: 7)
    collection = read_collection(tmp_path)
    assert said(collection) == [("JS-2003", "x.png", "warning")]
    assert not collection.media
    assert [item.kind for page in collection.pages for item in page.media] == ["missing"] * 2


def test_a_damaged_picture_in_a_zip_does_not_stop_the_pages(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.png": bytes(range(256)), "a.md": "![x](a.png)"})
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    with read_collection(path) as collection:
        assert [page.path for page in collection.pages] == ["a.md"]
        assert [problem.code for problem in collection.problems] == ["JS-2004"]


def test_an_unsafe_zip_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="JS-2004"):
        read_collection(make_zip(tmp_path / "a.zip", {"a.md": "", "../b.md": ""}))
    with pytest.raises(FileNotFoundError):
        read_collection(tmp_path / "none")


@pytest.mark.parametrize("name", ["手册.md", "手册.txt"])
def test_a_single_file_comes_with_what_lies_beside_it(tmp_path: Path, name: str) -> None:
    make_tree(
        tmp_path / "d",
        {
            name: "# 手册\n\n![x](img/x.png) ![h](.h.png) [b](b.md) [up](../up.md) ![u](../up.png)",
            "img/x.png": PNG,
            ".h.png": PNG,
            "b.md": "# 邻页",
        },
    )
    make_tree(tmp_path, {"up.md": "", "up.png": PNG})
    collection = read_collection(tmp_path / "d" / name)
    (found,) = collection.pages
    assert found.path == name and collection.root_name == "d"
    assert [item.kind for item in found.media] == ["inside", "missing", "outside"]
    assert [(link.kind, link.path) for link in found.links] == [
        ("outside", "b.md"),
        ("outside", ""),
    ]
    assert list(collection.media) == ["img/x.png"]


def test_links_beside_a_single_file_are_no_way_out(tmp_path: Path) -> None:
    make_tree(tmp_path, {"secret.png": PNG, "d/a.md": "![x](x.png) ![y](f/secret.png)"})
    (tmp_path / "d/x.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "d/f").symlink_to(tmp_path)
    collection = read_collection(tmp_path / "d/a.md")
    assert [item.kind for item in collection.pages[0].media] == ["missing", "missing"]
    assert not collection.media


def test_an_empty_folder_is_an_empty_collection(tmp_path: Path) -> None:
    collection = read_collection(tmp_path)
    assert (collection.pages, collection.problems, collection.base) == ((), (), "")


def test_what_was_read_can_be_rewritten(tmp_path: Path) -> None:
    make_tree(
        tmp_path, {"a.md": "[b](b#节) ![x](x%201.png 'T')\n`[b](b)`", "b.md": "", "x 1.png": PNG}
    )
    first = read_collection(tmp_path).pages[0]
    urls = {link.target: f"/manuals/{Path(link.path).stem}#{link.anchor}" for link in first.links}
    urls |= {item.target: "/media/1.png" for item in first.media}
    assert rewrite(first.document.body, urls.get).rstrip() == (
        "[b](/manuals/b#节) ![x](/media/1.png 'T')\n`[b](b)`"
    )


def test_results_are_frozen(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.md": "[a](a.md)"})
    found = read_collection(tmp_path).pages[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.path = "b.md"  # type: ignore[misc]
