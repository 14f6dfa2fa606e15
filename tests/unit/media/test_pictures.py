"""Damaged pictures are noticed, and of the others only the picture is left."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kb.media import clean_image, sniff
from kb.problems import ProblemError
from tests.unit.media.helpers import (
    HTML,
    SALTED,
    SECRET,
    animation,
    chunk,
    exif,
    frames,
    office,
    opened,
    picture,
    refusal,
)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_pictures_are_noticed(kind: str, share: float) -> None:
    data = picture(kind, (64, 64))
    name = f"a.{kind.lower()}"
    half = data[: int(len(data) * share)]
    try:
        info = sniff(half, name)
    except ProblemError as error:
        assert error.problem.code == "JS-2005"
    else:  # AVIF shows it when it is decoded
        with pytest.raises(ProblemError, match="JS-2005"):
            clean_image(half, info)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"not a picture" * 20,
        picture("PNG").replace(b"IDAT", b"IDAX"),
        picture("PNG")[:-6] + b"\xff" * 6,
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", b"these are no pixels")
        + chunk(b"IEND", b""),
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0" + b"\xff" * 100,
        b"GIF89a",
        b"GIF89a" + b"\0" * 7 + b";",
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\xff\xff\0\0WEBPVP8 ",
        b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0",
        b"\0\0\0\x18ftypavif" + b"\0" * 60,
    ],
)
def test_pictures_that_are_none(data: bytes) -> None:
    refusal(data, "a.png")


TAILS = {
    "html": HTML + SECRET,
    "zip": office("evil.txt"),
    "another": picture("PNG"),
    "nothing": b"",
}


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("kind", SALTED)
def test_metadata_and_hidden_files_are_gone(kind: str, tail: str) -> None:
    salted = SALTED[kind]() + TAILS[tail]
    assert b"SECRET" in salted
    info = sniff(salted, f"a.{kind}")
    cleaned = clean_image(salted, info)
    for trace in (b"SECRET", b"script", b"evil.txt", b"PK\x03\x04", b"Exif", b"photoshop", b"ICC"):
        assert trace not in cleaned
    image = opened(cleaned)
    assert not image.getexif()
    assert not {"comment", "exif", "xmp", "icc_profile", "Comment", "Author"} & set(image.info)
    assert (info.width, info.height) == image.size
    assert not zipfile.is_zipfile(io.BytesIO(cleaned))
    assert sniff(cleaned, "x") == info
    if kind != "avif":
        assert frames(cleaned) == frames(salted)
        assert clean_image(cleaned, info) == cleaned


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_keeps_its_pixels(mode: str) -> None:
    data = (
        picture("PNG", mode="RGBA" if mode == "I;16" else mode) if mode != "I;16" else _deep_png()
    )
    before, after = opened(data), opened(clean_image(data, sniff(data, "a.png")))
    assert (before.mode, before.tobytes()) == (after.mode, after.tobytes())
    assert before.info.get("transparency") == after.info.get("transparency")


def _deep_png() -> bytes:
    out = io.BytesIO()
    Image.new("I;16", (4, 4), 40_000).save(out, "PNG")
    return out.getvalue()


def test_transparency_and_resolution_of_png_stay() -> None:
    data = picture("PNG", mode="P", transparency=0, dpi=(144, 144))
    image = opened(clean_image(data, sniff(data, "a.png")))
    assert image.info["transparency"] == 0
    assert round(image.info["dpi"][0]) == 144


def test_the_checksums_of_png_are_verified() -> None:
    data = bytearray(picture("PNG"))
    data[data.index(b"IEND") - 5] ^= 1  # of the pixels
    refusal(bytes(data), "a.png")


def test_oversized_parts_are_no_hiding_place() -> None:
    data = picture("PNG", mode="P")
    end = data.index(b"IDAT") - 4
    salted = data[:end] + chunk(b"bKGD", SECRET * 10) + data[end:]
    assert b"SECRET" not in clean_image(salted, sniff(salted, "a.png"))
    with pytest.raises(ProblemError):
        sniff(data[:end] + chunk(b"PLTE", SECRET * 100) + data[end:], "a.png")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "AVIF"])
def test_animations_survive(kind: str) -> None:
    data = animation(kind)
    info = sniff(data, "a")
    cleaned = clean_image(data, info)
    assert [duration for _, duration in frames(cleaned)] == [100, 200, 300]
    assert len({pixels for pixels, _ in frames(cleaned)}) == 3
    if kind != "AVIF":
        assert frames(cleaned) == frames(data)
        assert opened(cleaned).info["loop"] == opened(data).info["loop"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_put_upright(orientation: int) -> None:
    data = picture("JPEG", (32, 16), exif=exif(orientation), comment=SECRET, quality=95)
    info = sniff(data, "a.jpg")
    cleaned = clean_image(data, info)
    image = opened(cleaned)
    assert image.size == (info.width, info.height) == ((32, 16) if orientation < 5 else (16, 32))
    assert not image.getexif() and b"SECRET" not in cleaned
    corner = {
        1: (2, 2),
        2: (29, 2),
        3: (29, 2),
        4: (2, 2),
        5: (2, 2),
        6: (2, 2),
        7: (2, 29),
        8: (2, 29),
    }
    x, y = corner[orientation]
    red, _, blue = image.crop((x, y, x + 1, y + 1)).tobytes()
    assert red > 150 > 60 > blue


def test_jpeg_for_print_becomes_one_for_screens() -> None:
    data = picture("JPEG", mode="CMYK")
    assert opened(clean_image(data, sniff(data, "a.jpg"))).mode == "RGB"


def test_thumbnails_inside_jpeg_are_gone() -> None:
    data = picture("JPEG")
    assert data[2:4] == b"\xff\xe0"
    jfif = b"\xff\xe0" + struct.pack(">H", 16 + 30) + data[6:18] + b"\x05\x02" + SECRET[:30]
    salted = data[:2] + jfif + data[20:]
    assert opened(salted).size == (8, 5)
    cleaned = clean_image(salted, sniff(salted, "a.jpg"))
    assert b"SECRET" not in cleaned
    assert cleaned[18:20] == b"\0\0"  # no thumbnail of any size is announced


def test_flags_of_webp_do_not_announce_what_is_gone() -> None:
    data = SALTED["webp"]()
    assert data[12:16] == b"VP8X" and data[20] & 0x2C == 0x2C
    cleaned = clean_image(data, sniff(data, "a.webp"))
    assert cleaned[12:16] == b"VP8X" and cleaned[20] & 0x2C == 0


def test_jpeg_with_restarts_and_fill_bytes() -> None:
    data = picture("JPEG", (64, 64), restart_marker_blocks=1)
    salted = data[:20] + b"\xff\xff" + data[20:]
    assert opened(clean_image(salted, sniff(salted, "a.jpg"))).tobytes() == opened(data).tobytes()


def test_a_gif_without_its_last_byte_is_mended() -> None:
    data = animation("GIF")[:-1]
    assert clean_image(data, sniff(data, "a.gif")).endswith(b";")


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
@settings(deadline=None)
@given(noise=st.binary(min_size=1, max_size=8), place=st.floats(0, 1))
def test_damaged_pictures_never_surprise(kind: str, noise: bytes, place: float) -> None:
    data = bytearray(SALTED[kind]())
    at = int(place * (len(data) - 1))
    data[at : at + len(noise)] = noise
    try:
        info = sniff(bytes(data), "a.png")
        cleaned = clean_image(bytes(data), info)
    except ProblemError as error:
        assert error.problem.code in ("JS-2005", "JS-2003")
    else:
        assert info.kind == "image" and len(cleaned) <= len(data) * 2 + 5000


def test_of_several_pictures_in_one_jpeg_the_first_is_left() -> None:
    out = io.BytesIO()
    second = Image.new("RGB", (8, 5), "#00ff00")
    opened(picture("JPEG")).save(out, "MPO", save_all=True, append_images=[second])
    data = out.getvalue()
    info = sniff(data, "a.jpg")
    assert (info.mime, info.width, info.height) == ("image/jpeg", 8, 5)
    cleaned = clean_image(data, info)
    assert len(cleaned) < len(data) * 0.6 and b"MPF" not in cleaned
    assert opened(cleaned).format == "JPEG"
