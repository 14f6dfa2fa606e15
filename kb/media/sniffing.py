"""What a file really is: its content decides, its name only chooses among harmless ones."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from kb.importers.archive import directory_size
from kb.importers.decode import decode
from kb.media import limits, pictures
from kb.media.captions import parse_vtt
from kb.problems import N_, ProblemError


@dataclass(frozen=True)
class MediaInfo:
    """What a file is. `width` and `height` are in pixels where known; `ext` has its dot."""

    mime: str
    kind: Literal["image", "video", "file", "captions"]
    width: int | None
    height: int | None
    ext: str


_HEAD_BYTES = 4096
_RASTERS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", ".png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", ".jpg"),
    (re.compile(rb"GIF8[79]a"), "image/gif", ".gif"),
    (re.compile(rb"RIFF....WEBP", re.S), "image/webp", ".webp"),
    (re.compile(rb"....ftypavi[fs]", re.S), "image/avif", ".avif"),
)
_VIDEOS = (
    (
        re.compile(rb"....ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash|f4v )", re.S),
        "video/mp4",
        ".mp4",
    ),
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,60}\x42\x82.{1,8}webm", re.S), "video/webm", ".webm"),
)
_OOXML = "application/vnd.openxmlformats-officedocument."
# The part that makes a zip a document of this kind.
_OFFICE_PARTS = {
    "word/document.xml": (_OOXML + "wordprocessingml.document", ".docx"),
    "xl/workbook.xml": (_OOXML + "spreadsheetml.sheet", ".xlsx"),
    "ppt/presentation.xml": (_OOXML + "presentationml.presentation", ".pptx"),
    "visio/document.xml": ("application/vnd.ms-visio.drawing", ".vsdx"),
}
_ODF = "application/vnd.oasis.opendocument."
_ODF_KINDS = {
    _ODF + "text": ".odt",
    _ODF + "spreadsheet": ".ods",
    _ODF + "presentation": ".odp",
    _ODF + "graphics": ".odg",
}
_ZIP_SUFFIXES = {".zip": "application/zip", ".xmind": "application/vnd.xmind.workbook"}
_RUNNABLE_PARTS = re.compile(r"(?:^|/)(?:vbaProject\.bin|MANIFEST\.MF|AndroidManifest\.xml)$", re.I)
_MAX_ZIP_DIRECTORY = 4 * 1024**2
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_SUFFIXES = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".mpp": "application/vnd.ms-project",
    ".vsd": "application/vnd.visio",
}
# Names of storages are in UTF-16.
_OLE_RUNNABLE = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "Macros", "VBA"))
_TEXT_SUFFIXES = {
    ".txt": "text/plain",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
_WEB_PAGE = re.compile(
    r"\s*(?:<[!?]?(?:doctype|html|head|body|script|iframe|object|embed|svg|style|link|meta|base|xml)"
    r"|#!)",
    re.I,
)
_SVG_START = re.compile(
    r"(?>\s++|<\?xml[^>]*+>|<!--(?:(?!-->).)*+-->|<!doctype[^>]*+>)*+<(?:\w+:)?svg[\s>]",
    re.I | re.S,
)


def sniff(source: bytes | Path, filename: str) -> MediaInfo:
    """Tell what `source`, the content or the path of a file called `filename`, is.

    Raises `ProblemError`: JS-2003 if it is over the limit of its kind, JS-2005 if it is damaged, a
    kind that is not accepted (programs, web pages, macros, …) or not what its name claims.
    """
    file = _File(source, filename)
    for pattern, mime, ext in _RASTERS:
        if pattern.match(file.head):
            width, height = pictures.raster_size(file.read(limits.MAX_IMAGE_BYTES), mime, filename)
            return MediaInfo(mime, "image", width, height, ext)
    for pattern, mime, ext in _VIDEOS:
        if pattern.match(file.head):
            limits.check_size(file.size, limits.MAX_VIDEO_BYTES, filename)
            return MediaInfo(mime, "video", None, None, ext)
    if file.head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return _captions(file)
    known = _document(file) or _text(file)
    if known is None:
        raise _not_accepted(file)
    return known


def clean_image(data: bytes, info: MediaInfo) -> bytes:
    """Give the picture alone, of the same type: no EXIF (with its GPS position), no comments or
    other metadata, nothing before or behind it.

    PNG, GIF, WebP and ordinary JPEG are not decoded: their containers are rewritten from a list of
    known, bounded parts (see `kb.media.rasters`), which costs a copy, keeps animations and every
    pixel, and leaves no place for another file to hide in but the compressed pixels themselves;
    those are served as their one type, with ``nosniff``. Encoding the same pictures again costs a
    hundred times as much and removes nothing more that a browser would act on. JPEG that is turned
    by EXIF or not RGB, and AVIF, are encoded again; SVG is written anew from its checked tree.
    Colour profiles go as well: what is shown is taken for sRGB.

    Raises `ProblemError` JS-2005 if the picture is not in order.
    """
    return pictures.clean(data, info.mime)


class _File:
    """The file to be told, read only as far as needed."""

    def __init__(self, source: bytes | Path, filename: str) -> None:
        self.name = filename
        self.suffix = PurePosixPath(filename).suffix.lower()
        self._source = source
        if isinstance(source, Path):
            self.size = source.stat().st_size
            with source.open("rb") as opened:
                self.head = opened.read(_HEAD_BYTES)
        else:
            self.size = len(source)
            self.head = source[:_HEAD_BYTES]

    def read(self, limit: int) -> bytes:
        """The content, if it is not longer than `limit`."""
        limits.check_size(self.size, limit, self.name)
        return self._source.read_bytes() if isinstance(self._source, Path) else self._source


def _captions(file: _File) -> MediaInfo:
    data = file.read(limits.MAX_CAPTIONS_BYTES)
    try:
        if not parse_vtt(data.decode("utf-8")):
            raise ValueError(1)
    except UnicodeDecodeError:
        raise limits.refused(
            file.name, N_("字幕文件不是 UTF-8 编码。"), N_("用编辑器另存为 UTF-8 后再上传。")
        ) from None
    except ValueError as error:
        raise limits.refused(
            file.name,
            N_("字幕文件第 %(line)s 行不符合 WebVTT 格式，或者没有字幕。"),
            N_("对照“00:01.000 --> 00:04.000”的写法改正这一行，再上传。"),
            line=error.args[0],
        ) from None
    return MediaInfo("text/vtt", "captions", None, None, ".vtt")


def _document(file: _File) -> MediaInfo | None:
    """PDF, office documents and zip archives."""
    if file.head.startswith(b"%PDF-"):
        limits.check_size(file.size, limits.MAX_FILE_BYTES, file.name)
        return _attachment("application/pdf", ".pdf")
    if file.head.startswith(b"PK\x03\x04"):
        return _zipped(file)
    if file.head.startswith(_OLE) and file.suffix in _OLE_SUFFIXES:
        data = file.read(limits.MAX_FILE_BYTES)
        if any(name in data for name in _OLE_RUNNABLE):
            raise _with_macros(file)
        return _attachment(_OLE_SUFFIXES[file.suffix], file.suffix)
    return None


def _zipped(file: _File) -> MediaInfo | None:
    opened = io.BytesIO(file.read(limits.MAX_FILE_BYTES))
    size = directory_size(opened)
    if size is None or size > _MAX_ZIP_DIRECTORY:
        return None
    try:
        with zipfile.ZipFile(opened) as archive:
            names = frozenset(archive.namelist())
            mimetype = archive.read("mimetype")[:100] if _is_small(archive, "mimetype") else b""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError):
        return None
    if any(_RUNNABLE_PARTS.search(name) for name in names):
        raise _with_macros(file)
    for part, (mime, ext) in _OFFICE_PARTS.items():
        if part in names and "[Content_Types].xml" in names:
            return _attachment(mime, ext)
    odf = mimetype.decode("ascii", "replace")
    if odf in _ODF_KINDS:
        return _attachment(odf, _ODF_KINDS[odf])
    if file.suffix in _ZIP_SUFFIXES:
        return _attachment(_ZIP_SUFFIXES[file.suffix], file.suffix)
    return None


def _is_small(archive: zipfile.ZipFile, name: str) -> bool:
    return name in archive.namelist() and archive.getinfo(name).file_size <= 100


def _text(file: _File) -> MediaInfo | None:
    """SVG and plain text."""
    if b"svg" not in file.head.replace(b"\0", b"").lower() and file.suffix not in _TEXT_SUFFIXES:
        return None
    data = file.read(limits.MAX_FILE_BYTES)
    try:
        text, _ = decode(data, where=file.name)
    except ProblemError:
        if file.suffix in _TEXT_SUFFIXES:
            raise
        return None
    if file.suffix == ".svg" or _SVG_START.match(text):
        limits.check_size(file.size, limits.MAX_SVG_BYTES, file.name)
        width, height = pictures.drawing_size(data, file.name)
        return MediaInfo(pictures.SVG_MIME, "image", width, height, ".svg")
    if file.suffix not in _TEXT_SUFFIXES or _WEB_PAGE.match(text):
        return None
    return _attachment(_TEXT_SUFFIXES[file.suffix], file.suffix)


def _attachment(mime: str, ext: str) -> MediaInfo:
    return MediaInfo(mime, "file", None, None, ext)


def _with_macros(file: _File) -> ProblemError:
    return limits.refused(
        file.name,
        N_("%(name)s 里有宏或程序，不接受。"),
        N_("另存为不含宏的格式（.docx、.xlsx、.pptx 或 PDF）后再上传。"),
        name=file.name,
    )


def _not_accepted(file: _File) -> ProblemError:
    if limits.is_picture_name(file.name):
        return limits.refused(
            file.name,
            N_("%(name)s 的内容不是图片。"),
            N_("用看图软件确认能打开，另存为 PNG 或 JPEG 后再上传。"),
            name=file.name,
        )
    if file.suffix == ".srt":
        return limits.refused(
            file.name,
            N_("不支持 SRT 字幕。"),
            N_("用字幕软件另存为 WebVTT（.vtt）后再上传。"),
        )
    return limits.refused(
        file.name,
        N_("不接受这种文件：%(name)s。"),
        N_(
            "图片用 PNG、JPEG、GIF、WebP、AVIF、SVG，视频用 MP4、WebM，字幕用 VTT，"
            "附件用 PDF、Office、文本或 zip。"
        ),
        name=file.name,
    )
