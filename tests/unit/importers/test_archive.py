"""Zip archives: honest ones are read, whatever packed them; the others are refused whole."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.importers import archive
from kb.importers.archive import ZipTree, open_tree
from kb.importers.tree import FolderTree
from kb.problems import ProblemError
from tests.unit.importers.helpers import Entry, RawEntry, make_tree, make_zip


def refusal(path: Path) -> str:
    """The text of the problem that opening `path` raises."""
    with pytest.raises(ProblemError) as caught:
        ZipTree(path)
    problem = caught.value.problem
    assert problem.code == "JS-2004"
    assert problem.where == path.name
    assert "%(" not in problem.text() + problem.next_step()
    return problem.text()


def read(tree: ZipTree, path: str) -> bytes:
    return b"".join(tree.chunks(path))


def test_an_honest_archive(tmp_path: Path) -> None:
    path = make_zip(
        tmp_path / "手册.zip", {"docs/甲.md": "# 甲", "docs/img/a.png": b"\x89PNG", "b.md": ""}
    )
    tree = ZipTree(path)
    assert tree.name == "手册"
    assert dict(tree.files) == {"b.md": 0, "docs/img/a.png": 4, "docs/甲.md": 5}
    assert read(tree, "docs/甲.md").decode() == "# 甲"
    assert tree.find("docs/IMG/A.png") == "docs/img/a.png"
    assert tree.find("none.md") is None
    tree.close()


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_of_chinese_windows_and_of_macos(tmp_path: Path, encoding: str) -> None:
    names = ["操作手册/快速开始.md", "操作手册/图片/登录.png", "plain.md", "操作手册/诡计.md"]
    path = make_zip(tmp_path / "a.zip", [(name.encode(encoding), name) for name in names])
    tree = ZipTree(path)
    assert set(tree.files) == set(names)
    assert all(read(tree, name).decode() == name for name in names)


def test_backslash_inside_a_gbk_character_is_no_separator(tmp_path: Path) -> None:
    raw = "乗.md".encode("gbk")
    assert b"\\" in raw
    assert list(ZipTree(make_zip(tmp_path / "a.zip", [(raw, "")])).files) == ["乗.md"]


def test_backslashes_of_old_windows_programs_are_separators(tmp_path: Path) -> None:
    tree = ZipTree(make_zip(tmp_path / "a.zip", [(b"docs\\img\\a.png", b"x")]))
    assert list(tree.files) == ["docs/img/a.png"]


def test_names_in_an_unknown_encoding_stay_readable(tmp_path: Path) -> None:
    tree = ZipTree(make_zip(tmp_path / "a.zip", [(b"r\x82sum\x82.md", b"x"), (b"\xff.md", b"y")]))
    assert [read(tree, name) for name in tree.files] == [b"x", b"y"]


def test_leavings_of_macos_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    names = [
        "a.md",
        "__MACOSX/._a.md",
        ".DS_Store",
        "x/.DS_Store",
        ".git/config",
        "node_modules/y/README.md",
    ]
    assert list(ZipTree(make_zip(tmp_path / "a.zip", dict.fromkeys(names, ""))).files) == ["a.md"]


def test_archives_inside_stay_files(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"../evil.md": "x"}).read_bytes()
    assert list(ZipTree(make_zip(tmp_path / "a.zip", {"inner.zip": inner})).files) == ["inner.zip"]


def test_folder_entries_and_dots_are_harmless(tmp_path: Path) -> None:
    tree = ZipTree(
        make_zip(tmp_path / "a.zip", {"docs/": "", "./docs//a.md": "x", "b..c/..d.md": ""})
    )
    assert set(tree.files) == {"docs/a.md"}  # "..d.md" is hidden


UNSAFE_NAMES = [
    "../evil.md",
    "docs/../../evil.md",
    "docs/..",
    "/etc/passwd",
    "//server/share",
    "C:/evil.md",
    "c:evil.md",
    "..\\evil.md",
    "\\evil.md",
    "docs\\..\\..\\evil.md",
    "a\nb.md",
    "__MACOSX/../../evil.md",
]


@pytest.mark.parametrize("name", UNSAFE_NAMES)
@pytest.mark.parametrize("as_bytes", [True, False])
def test_paths_that_climb_out_are_refused(tmp_path: Path, name: str, as_bytes: bool) -> None:
    entry: Entry = (name.encode() if as_bytes else name, "x")
    text = refusal(make_zip(tmp_path / "a.zip", [("fine.md", "x"), entry]))
    assert name.replace("\\", "/") in text


def test_a_name_with_nul_is_refused(tmp_path: Path) -> None:
    refusal(make_zip(tmp_path / "a.zip", [(b"a.md\0.exe", "x")]))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    entry = zipfile.ZipInfo("link.md")
    entry.create_system = 3
    entry.external_attr = (kind | 0o644) << 16
    assert "link.md" in refusal(make_zip(tmp_path / "a.zip", [(entry, "/etc/passwd")]))


def test_regular_files_and_folders_of_unix_are_fine(tmp_path: Path) -> None:
    file, folder = zipfile.ZipInfo("d/a.md"), zipfile.ZipInfo("d/")
    file.external_attr = (stat.S_IFREG | 0o755) << 16
    folder.external_attr = (stat.S_IFDIR | 0o755) << 16
    assert list(ZipTree(make_zip(tmp_path / "a.zip", [(folder, ""), (file, "x")])).files) == [
        "d/a.md"
    ]


def test_encrypted_entries_are_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"secret.md": "x"})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flags of the local header and of the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    text = refusal(path)
    assert "secret.md" in text and "密码" in text


def test_methods_that_need_much_memory_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("a.md", "x" * 100)
    assert "a.md" in refusal(path)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"fine.md": "x", "bomb.md": b"\0" * 20_000_000})
    assert path.stat().st_size < 100_000
    assert "bomb.md" in refusal(path)


def test_text_that_shrinks_well_is_no_bomb(tmp_path: Path) -> None:
    text = "\n".join(f"第 {number} 步：点击保存。" for number in range(60_000))
    assert list(ZipTree(make_zip(tmp_path / "a.zip", {"a.md": text})).files) == ["a.md"]


def test_count_and_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_zip(tmp_path / "a.zip", {f"{number}.md": b"0123456789" for number in range(5)})
    ZipTree(path).close()
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MAX_ENTRIES", 4)
        assert "4" in refusal(path)
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MAX_TOTAL_BYTES", 49)
        refusal(path)
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MAX_ENTRY_BYTES", 9)
        assert "0.md" in refusal(path)
    with monkeypatch.context() as patch:
        patch.setattr(archive, "_MAX_DIRECTORY_BYTES", 100)
        refusal(path)


def test_limits_are_those_agreed() -> None:
    assert archive.MAX_ENTRIES == 10_000
    assert archive.MAX_TOTAL_BYTES == 500 * 1024**2
    assert archive.MAX_ENTRY_BYTES <= archive.MAX_TOTAL_BYTES


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """D. Fifield, "A better zip bomb" (2019): many directory entries point at one file."""
    path = make_zip(tmp_path / "a.zip", {"aa.md": bytes(range(256)) * 20})
    data = path.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    copies = b"".join(entry.replace(b"aa.md", f"{index:02d}.md".encode()) for index in range(50))
    record = bytearray(data[end:])
    record[8:16] = struct.pack("<HHL", 50, 50, len(copies))
    path.write_bytes(data[:start] + copies + record)
    refusal(path)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile itself warns when writing such an archive
        path = make_zip(tmp_path / "a.zip", [("a.md", "one"), ("./a.md", "two")])
    assert "a.md" in refusal(path)


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", b"PK\x05\x06" + b"\xff" * 18, b"PK\x05\x06"]
)
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    refusal(path)


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.md": "x" * 1000, "b.md": "y"})
    path.write_bytes(path.read_bytes()[:-30])
    refusal(path)


def test_a_damaged_entry_is_named_when_it_is_read(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.md": bytes(range(256)), "b.md": "fine"})
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    tree = ZipTree(path)
    with pytest.raises(ProblemError, match=r"JS-2004\] a\.md: "):
        read(tree, "a.md")
    assert read(tree, "b.md") == b"fine"


def test_an_entry_that_lies_about_its_size_does_not_grow(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.md": b"x" * 100_000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<L", 10)
    path.write_bytes(data)
    tree = ZipTree(path)
    with pytest.raises(ProblemError, match="JS-2004"):
        read(tree, "a.md")


def test_open_tree_chooses_by_content(tmp_path: Path) -> None:
    make_tree(tmp_path, {"a.md": "x"})
    misnamed = make_zip(tmp_path / "手册.md", {"b.md": ""})
    assert isinstance(open_tree(tmp_path), FolderTree)
    assert isinstance(open_tree(tmp_path / "a.md"), FolderTree)
    assert isinstance(open_tree(misnamed), ZipTree)
    with pytest.raises(FileNotFoundError):
        open_tree(tmp_path / "none")


_PARTS = st.sampled_from(
    ["..", ".", "", "a", "图", "C:", "b.md", "...", "a..b", "\\", "..\\", "/", "\0", "~"]
)


def _is_writable(name: str) -> bool:
    return not name.startswith("\0") and name != ""  # `zipfile` itself fails on these


@settings(deadline=None)
@given(st.lists(_PARTS, min_size=1, max_size=5).map("/".join).filter(_is_writable), st.booleans())
def test_no_path_ever_leaves_the_archive(
    tmp_path_factory: pytest.TempPathFactory, name: str, raw: bool
) -> None:
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    make_zip(path, [(name.encode("gbk") if raw else name, b"x")])
    try:
        files = ZipTree(path).files
    except ProblemError as error:
        assert error.problem.code == "JS-2004"
        return
    for file in files:
        assert (Path("/root") / file).resolve().is_relative_to("/root")
        assert not {"..", ".", ""} & set(file.split("/"))
        assert "\\" not in file and not file.startswith("/")


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 10_000))
def test_damaged_archives_never_surprise(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    data = bytearray(
        make_zip(folder / "ok.zip", {"a.md": "hello" * 50, "图/b.png": b"\x89PNG"}).read_bytes()
    )
    at %= len(data)
    data[at : at + len(noise)] = noise
    (folder / "bad.zip").write_bytes(data)
    try:
        tree = ZipTree(folder / "bad.zip")
        for name in tree.files:
            read(tree, name)
    except ProblemError as error:
        assert error.problem.code == "JS-2004"


def test_raw_entries_are_what_they_claim(tmp_path: Path) -> None:
    """The helper writes names without the UTF-8 mark, or the tests above would prove nothing."""
    path = make_zip(tmp_path / "a.zip", [(RawEntry("图.md".encode("gbk")), "x")])
    with zipfile.ZipFile(path) as file:
        info = file.infolist()[0]
    assert not info.flag_bits & 0x800 and info.filename != "图.md"
