"""What a file is, and what is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import media
from kb.media import MediaInfo, clean_image, limits, size_limit, sniff
from kb.problems import ProblemError
from tests.unit.media.helpers import (
    HTML,
    animation,
    chunk,
    exif,
    office,
    picture,
    refusal,
)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (picture("PNG"), "a.png", MediaInfo("image/png", "image", 8, 5, ".png")),
        (picture("JPEG"), "a.jpeg", MediaInfo("image/jpeg", "image", 8, 5, ".jpg")),
        (picture("GIF"), "a.gif", MediaInfo("image/gif", "image", 8, 5, ".gif")),
        (picture("WEBP"), "a.webp", MediaInfo("image/webp", "image", 8, 5, ".webp")),
        (picture("WEBP", lossless=True), "a.webp", MediaInfo("image/webp", "image", 8, 5, ".webp")),
        (picture("AVIF"), "a.avif", MediaInfo("image/avif", "image", 8, 5, ".avif")),
        (animation("WEBP"), "a.webp", MediaInfo("image/webp", "image", 6, 4, ".webp")),
        (picture("JPEG", exif=exif(6)), "a.jpg", MediaInfo("image/jpeg", "image", 5, 8, ".jpg")),
        # the name does not decide
        (picture("PNG"), "a.jpg", MediaInfo("image/png", "image", 8, 5, ".png")),
        (picture("JPEG"), "a.exe", MediaInfo("image/jpeg", "image", 8, 5, ".jpg")),
        (picture("GIF"), "a", MediaInfo("image/gif", "image", 8, 5, ".gif")),
        (
            b"\0\0\0\x18ftypmp42\0\0\0\0" + b"\0" * 40,
            "a.mp4",
            MediaInfo("video/mp4", "video", None, None, ".mp4"),
        ),
        (
            b"\0\0\0\x18ftypisom\0\0\0\0" + b"\0" * 40,
            "a.mov",
            MediaInfo("video/mp4", "video", None, None, ".mp4"),
        ),
        (
            b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04",
            "a.webm",
            MediaInfo("video/webm", "video", None, None, ".webm"),
        ),
        (b"%PDF-1.7\n", "a.pdf", MediaInfo("application/pdf", "file", None, None, ".pdf")),
        (b"%PDF-1.7\n", "a.txt", MediaInfo("application/pdf", "file", None, None, ".pdf")),
        ("步骤一".encode(), "a.txt", MediaInfo("text/plain", "file", None, None, ".txt")),
        ("步骤一".encode("gb18030"), "a.TXT", MediaInfo("text/plain", "file", None, None, ".txt")),
        ("编码,名称\n".encode(), "a.csv", MediaInfo("text/csv", "file", None, None, ".csv")),
        (b"{}", "a.json", MediaInfo("application/json", "file", None, None, ".json")),
        (
            b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n",
            "a.txt",
            MediaInfo("text/vtt", "captions", None, None, ".vtt"),
        ),
    ],
)
def test_content_decides(data: bytes, name: str, expected: MediaInfo, tmp_path: Path) -> None:
    assert sniff(data, name) == expected
    path = tmp_path / "upload"
    path.write_bytes(data)
    assert sniff(path, name) == expected


@pytest.mark.parametrize(
    ("data", "name", "ext"),
    [
        (office("[Content_Types].xml", "word/document.xml"), "a.zip", ".docx"),
        (office("[Content_Types].xml", "xl/workbook.xml"), "a.xlsx", ".xlsx"),
        (office("[Content_Types].xml", "ppt/presentation.xml"), "a.pptx", ".pptx"),
        (office("mimetype", mimetype="application/vnd.oasis.opendocument.text"), "a.odt", ".odt"),
        (office("a.txt"), "a.zip", ".zip"),
        (office("content.json"), "a.xmind", ".xmind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "计划.mpp", ".mpp"),
    ],
)
def test_office_documents_and_archives(data: bytes, name: str, ext: str) -> None:
    info = sniff(data, name)
    assert (info.kind, info.ext) == ("file", ext)


@pytest.mark.parametrize(
    "name", ["a.png", "a.txt", "a.html", "a.svg", "a.zip", "a.pdf", "a.vtt", "a", "a.md"]
)
@pytest.mark.parametrize(
    "data",
    [
        HTML,
        b"\xef\xbb\xbf  \n" + HTML,
        "<html>".encode("utf-16"),
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>",
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ\x90\0" + b"\0" * 60,
        b"\x7fELF\x02\x01\x01" + b"\0" * 60,
        office("META-INF/MANIFEST.MF", "A.class"),
        office("AndroidManifest.xml", "classes.dex"),
        office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        b"BM" + b"\0" * 60,
        b"\0\0\0\x18ftypheic" + b"\0" * 60,
        b"\0\0\0\x18ftypqt  " + b"\0" * 60,
        b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + b"\0" * 60,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60,
        b"PK\x03\x04" + b"\xff" * 60,
        b"GIF89b" + b"\0" * 60,
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
)
def test_what_is_not_accepted(data: bytes, name: str) -> None:
    with pytest.raises(ProblemError) as caught:
        sniff(data, name)
    # A text that is none says so.
    assert caught.value.problem.code in ("JS-2005", "JS-2002")


@pytest.mark.parametrize("name", ["a.png", "a.svg", "a.pdf", "a.zip", "a.mp4", "a"])
def test_empty_files_are_refused_unless_they_are_texts(name: str) -> None:
    refusal(b"", name)
    assert sniff(b"", "a.txt").kind == "file"


@pytest.mark.parametrize(
    "name", ["a.exe", "a.bat", "a.ps1", "a.py", "a.js", "a.html", "a.xml", "a.srt", "a"]
)
def test_text_is_only_accepted_under_harmless_names(name: str) -> None:
    refusal(b"1\n00:00:01,000 --> 00:00:02,000\n", name)


def test_the_advice_fits_the_file() -> None:
    assert "不是图片" in refusal(b"hello", "a.png")
    assert "WebVTT" in refusal(b"1\n", "a.srt")
    assert "宏" in refusal(
        office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "a.xlsm"
    )
    macros = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60 + "_VBA_PROJECT".encode("utf-16-le")
    assert "宏" in refusal(macros, "a.doc")


def test_limits_by_name() -> None:
    assert size_limit("图.PNG") == media.MAX_IMAGE_BYTES == 20 * 1024**2
    assert size_limit("v.mp4") == media.MAX_VIDEO_BYTES == 500 * 1024**2
    assert size_limit("a.pdf") == size_limit("none") == media.MAX_FILE_BYTES == 50 * 1024**2


@pytest.mark.parametrize(
    ("constant", "data", "name"),
    [
        ("MAX_IMAGE_BYTES", picture("PNG"), "a.mp4"),
        ("MAX_VIDEO_BYTES", b"\0\0\0\x18ftypmp42" + b"\0" * 60, "a.png"),
        ("MAX_FILE_BYTES", b"%PDF-1.7" + b" " * 60, "a.png"),
        ("MAX_FILE_BYTES", b"text" * 20, "a.txt"),
        ("MAX_FILE_BYTES", office("a.txt"), "a.zip"),
        ("MAX_CAPTIONS_BYTES", b"WEBVTT" + b"\n" * 60, "a.vtt"),
        (
            "MAX_SVG_BYTES",
            b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 60 + b"</svg>",
            "a.svg",
        ),
    ],
)
def test_the_limit_of_the_real_kind_counts(
    constant: str, data: bytes, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(limits, constant, 50)
    refusal(data, name, "JS-2003")
    (tmp_path / "f").write_bytes(data)
    refusal(tmp_path / "f", name, "JS-2003")


def test_a_large_video_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with path.open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42")
        file.truncate(media.MAX_VIDEO_BYTES)
    assert sniff(path, "v.mp4").kind == "video"
    with path.open("ab") as file:
        file.write(b"\0")
    refusal(path, "v.mp4", "JS-2003")


@pytest.mark.parametrize(
    "size", [(8000, 8000), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_pictures_that_are_bombs(size: tuple[int, int]) -> None:
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    assert len(data) < 200
    refusal(data, "a.png")


def test_an_animation_that_is_a_bomb_when_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = animation("AVIF")
    info = sniff(data, "a.avif")
    monkeypatch.setattr("kb.media.pictures.MAX_PIXELS", 6 * 4 * 2)
    with pytest.raises(ProblemError, match="JS-2005"):
        clean_image(data, info)


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.png", "a.txt", "a.svg", "a.vtt", "a.zip", "a"]))
def test_any_bytes_are_known_or_refused(data: bytes, name: str) -> None:
    try:
        info = sniff(data, name)
    except ProblemError as error:
        assert error.problem.code in ("JS-2002", "JS-2005")
    else:
        assert info.kind == "file"
