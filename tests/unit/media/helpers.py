"""Files to be told apart: pictures, some of them salted with what has to go, and others."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageSequence
from PIL.PngImagePlugin import PngInfo

from kb.media import sniff
from kb.problems import ProblemError

SECRET = b"SECRET<script>alert(1)</script>"
EXIF_GPS, EXIF_ORIENTATION, EXIF_MAKER = 0x8825, 0x0112, 0x010F


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[EXIF_ORIENTATION] = orientation
    data[EXIF_MAKER] = SECRET.decode()
    data.get_ifd(EXIF_GPS)[2] = (39.0, 54.0, 26.0)
    return data


def picture(
    kind: str, size: tuple[int, int] = (8, 5), mode: str = "RGB", **options: object
) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "#d00000")
    image.paste("#0000d0", (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def animation(kind: str, **options: object) -> bytes:
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("#d00000", "#00d000", "#0000d0")]
    out = io.BytesIO()
    frames[0].save(
        out,
        kind,
        save_all=True,
        append_images=frames[1:],
        duration=[100, 200, 300],
        loop=3,
        **options,
    )
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def frames(data: bytes) -> list[tuple[bytes, int]]:
    with Image.open(io.BytesIO(data)) as image:
        return [
            (frame.convert("RGBA").tobytes(), int(frame.info.get("duration", 0)))
            for frame in ImageSequence.Iterator(image)
        ]


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def office(*parts: str, **contents: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            archive.writestr(part, contents.get(part, "x"))
    return out.getvalue()


def refusal(data: bytes | Path, name: str, code: str = "JS-2005") -> str:
    with pytest.raises(ProblemError) as caught:
        sniff(data, name)
    problem = caught.value.problem
    assert problem.code == code
    assert "%(" not in problem.text() + problem.next_step()
    assert problem.next_step()
    return problem.text() + problem.next_step()


def salted_png() -> bytes:
    info = PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_text("Author", SECRET.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    data = picture("PNG", pnginfo=info, exif=exif(), dpi=(96, 96), icc_profile=b"profile" + SECRET)
    end = data.index(b"IEND") - 4
    return data[:end] + chunk(b"prVt", SECRET) + chunk(b"tIME", b"\x07\xea\1\1\1\1\1") + data[end:]


def salted_jpeg() -> bytes:
    data = picture(
        "JPEG",
        exif=exif(),
        comment=SECRET,
        icc_profile=b"profile" + SECRET,
        dpi=(96, 96),
        progressive=True,
    )
    extra = b"\xff\xed" + struct.pack(">H", len(SECRET) + 2) + SECRET
    return data[:2] + extra + data[2:]


def salted_gif() -> bytes:
    data = animation("GIF", comment=SECRET)
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(SECRET)]) + SECRET + b"\0"
    return data[:-1] + xmp + data[-1:]


def salted_webp() -> bytes:
    data = animation(
        "WEBP", exif=exif(), xmp=SECRET, icc_profile=b"profile" + SECRET, lossless=True
    )
    unknown = b"prVt" + struct.pack("<I", len(SECRET)) + SECRET + b"\0" * (len(SECRET) % 2)
    return b"RIFF" + struct.pack("<I", len(data) - 8 + len(unknown)) + data[8:] + unknown


def salted_avif() -> bytes:
    return picture("AVIF", exif=exif(), xmp=SECRET, quality=95)


SALTED: dict[str, Callable[[], bytes]] = {
    "png": salted_png,
    "jpeg": salted_jpeg,
    "gif": salted_gif,
    "webp": salted_webp,
    "avif": salted_avif,
}
