"""Zip archives from anywhere, read in place.

Nothing is unpacked to disk: entries are listed, checked all at once before the first is read, and
then read one by one up to the size they declare. A path that climbs out could therefore not write
anything; it is refused all the same, because an archive that has one was not made in good faith.
Archives inside the archive stay files.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from kb.importers.tree import CHUNK_BYTES, FolderTree, PathIndex, Tree, is_skipped
from kb.problems import N_, Problem, ProblemError

MAX_ENTRIES = 10_000
MAX_TOTAL_BYTES = 500 * 1024**2
MAX_ENTRY_BYTES = 300 * 1024**2
MAX_RATIO = 200
"""Most an entry over 1 MB may shrink; text reaches 20, a bomb 1,000."""
_RATIO_MATTERS_FROM = 1024**2
_MAX_DIRECTORY_BYTES = 16 * 1024**2
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_BAD_NAME = re.compile(r"[\x00-\x1f\x7f]|^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)")
# What `zipfile` raises on archives that are not in order.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # includes NotImplementedError
    ValueError,
)
_END_RECORD = b"PK\x05\x06"


def open_tree(path: Path) -> Tree:
    """Open a folder, a zip archive or a single file for import.

    Raises `FileNotFoundError`, and `ProblemError` JS-2004 if a zip is unsafe or damaged.
    """
    if path.is_dir():
        return FolderTree(path)
    if not path.is_file():
        raise FileNotFoundError(path)
    if path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
        return ZipTree(path)
    return FolderTree(path.parent, only=path.name)


class ZipTree:
    """The files of a zip archive as a `kb.importers.tree.Tree`.

    Raises `ProblemError` JS-2004, naming the entry, if the archive is damaged, encrypted, too large
    or unsafe.
    """

    unreadable: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        _check_directory(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN:
            raise _damaged(path.name) from None
        try:
            self._entries = _checked_entries(self._zip.infolist(), path)
        except BaseException:
            self._zip.close()
            raise
        self.files: Mapping[str, int] = {
            name: entry.file_size for name, entry in sorted(self._entries.items())
        }
        self._index = PathIndex(self.files)

    def find(self, path: str) -> str | None:
        return self._index.find(path)

    def size(self, path: str) -> int:
        return self.files[path]

    def chunks(self, path: str) -> Iterator[bytes]:
        try:
            with self._zip.open(self._entries[path]) as file:
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
        except _BROKEN:
            raise _damaged(path) from None

    def folder_above(self, levels: int) -> str:
        return ""

    def close(self) -> None:
        self._zip.close()


def _check_directory(path: Path) -> None:
    """Refuse a table of contents too long to be parsed in peace, before it is parsed."""
    with path.open("rb") as file:
        size = directory_size(file)
    if size is None:
        raise _damaged(path.name)
    if size > _MAX_DIRECTORY_BYTES:
        raise _too_many(path.name)


def directory_size(file: BinaryIO) -> int | None:
    """Bytes of the central directory according to the end record (APPNOTE.TXT 4.3.16)."""
    length = file.seek(0, 2)
    file.seek(max(0, length - 22 - 0xFFFF))  # the record is 22 bytes and a comment
    tail = file.read()
    at = tail.rfind(_END_RECORD)
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else None


def _checked_entries(infos: list[zipfile.ZipInfo], path: Path) -> dict[str, zipfile.ZipInfo]:
    """The files worth importing by their decoded names, if all entries are in order."""
    where = path.name
    if len(infos) > MAX_ENTRIES:
        raise _too_many(where)
    entries: dict[str, zipfile.ZipInfo] = {}
    for name, info in zip(_names(infos), infos, strict=True):
        _check_entry(name, info, where)
        if name.endswith("/"):
            continue
        name = "/".join(part for part in name.split("/") if part not in ("", "."))
        if not name:
            continue
        if name in entries:
            raise _unsafe(N_("压缩包里有两个同名文件 %(entry)s。"), name, where)
        entries[name] = info
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        raise _too_large(where)
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        # Only entries that share their bytes can together be longer than the archive.
        raise _damaged(where)
    return {name: info for name, info in entries.items() if not is_skipped(name)}


def _check_entry(name: str, info: zipfile.ZipInfo, where: str) -> None:
    if not name or _BAD_NAME.search(name):
        raise _unsafe(N_("压缩包里的 %(entry)s 指向压缩包之外，已拒绝整个压缩包。"), name, where)
    if info.flag_bits & _ENCRYPTED:
        raise _unsafe(
            N_("压缩包里的 %(entry)s 有密码。"), name, where, N_("去掉密码后重新压缩，再导入。")
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _unsafe(N_("压缩包里的 %(entry)s 是符号链接或特殊文件。"), name, where)
    if info.compress_type not in _METHODS:
        raise _unsafe(
            N_("压缩包里的 %(entry)s 用了不支持的压缩方法。"),
            name,
            where,
            N_("用系统自带的“压缩为 zip”重新打包（Deflate 方法），再导入。"),
        )
    if info.file_size > MAX_ENTRY_BYTES:
        raise _too_large(where, name)
    if info.file_size > max(_RATIO_MATTERS_FROM, MAX_RATIO * info.compress_size):
        raise _unsafe(N_("压缩包里的 %(entry)s 压缩比异常，可能是压缩炸弹。"), name, where)


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """The names of the entries, with ``/`` between their parts.

    Names not marked as UTF-8 are whatever the computer used that packed them. `zipfile` reads them
    as code page 437, which loses nothing, so the bytes can be had back: UTF-8 if all of them are
    (macOS does not set the mark), else GB18030 (Chinese Windows), else they stay as they are.
    """
    raw = {
        index: info.orig_filename.encode("cp437")
        for index, info in enumerate(infos)
        if not info.flag_bits & _UTF8_NAME
    }
    names = [info.orig_filename for info in infos]
    for encoding in ("utf-8", "gb18030"):
        try:
            decoded = {index: name.decode(encoding) for index, name in raw.items()}
        except UnicodeDecodeError:
            continue
        names = [decoded.get(index, name) for index, name in enumerate(names)]
        break
    # Only now: in GB18030 the second byte of a character may be that of the backslash.
    return [name.replace("\\", "/") for name in names]


def _unsafe(message: str, entry: str, where: str, remedy: str = "") -> ProblemError:
    remedy = remedy or N_("确认压缩包来源可靠；解压后检查文件，只把文档和图片重新压缩，再导入。")
    return ProblemError(Problem("JS-2004", message, remedy, where, params={"entry": entry}))


def _damaged(where: str) -> ProblemError:
    message = N_("压缩包损坏，或不是 zip 文件。")
    remedy = N_("重新下载或重新压缩；也可以解压后直接导入文件夹。")
    return ProblemError(Problem("JS-2004", message, remedy, where))


def _too_many(where: str) -> ProblemError:
    message = N_("压缩包里的文件超过 %(most)s 个。")
    remedy = N_("按目录分成几个压缩包，分别导入。")
    return ProblemError(Problem("JS-2004", message, remedy, where, params={"most": MAX_ENTRIES}))


def _too_large(where: str, entry: str = "") -> ProblemError:
    limit = MAX_ENTRY_BYTES if entry else MAX_TOTAL_BYTES
    message = (
        N_("压缩包里的 %(entry)s 解压后超过 %(most)s MB。")
        if entry
        else N_("压缩包解压后合计超过 %(most)s MB。")
    )
    remedy = N_("按目录分成几个压缩包；视频请单独上传，不要放进压缩包。")
    params = {"entry": entry, "most": limit // 1024**2}
    return ProblemError(Problem("JS-2004", message, remedy, where, params=params))
