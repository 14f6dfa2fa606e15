"""Bitmap pictures without what is not the picture.

A container is taken apart and put together again from the parts that make up the picture, each of
which is known by name and bounded in size; the compressed pixels are copied. What is not on the
list (EXIF with its GPS position, XMP, comments, thumbnails, colour profiles, anything behind the
end) is gone, animations stay, and a truncated file is noticed. All functions raise `ValueError` on
a file that is not in order.

Formats: PNG 3rd edition (W3C), ITU-T T.81 annex B, GIF89a, RFC 9649 (WebP).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_ANY = 1 << 31
_PNG_CHUNKS = {
    b"IHDR": 13,
    b"PLTE": 768,
    b"IDAT": _ANY,
    b"IEND": 0,
    b"tRNS": 256,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"sBIT": 4,
    b"bKGD": 6,
    b"pHYs": 9,
    b"acTL": 8,
    b"fcTL": 26,
    b"fdAT": _ANY,
}
"""Chunks that are kept and how long they may be."""


def strip_png(data: bytes) -> bytes:
    """A PNG or APNG without metadata. Checksums are verified."""
    if not data.startswith(PNG_SIGNATURE):
        raise ValueError("no PNG signature")
    view = memoryview(data)
    kept: list[bytes | memoryview] = [PNG_SIGNATURE]
    kinds: list[bytes] = []
    at = len(PNG_SIGNATURE)
    while not kinds or kinds[-1] != b"IEND":
        if at + 12 > len(data):
            raise ValueError("truncated")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ValueError("truncated")
        if length <= _PNG_CHUNKS.get(kind, -1):
            if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
                raise ValueError("checksum")
            kept.append(view[at:end])
            kinds.append(kind)
        elif kind[:1].isupper():
            raise ValueError(f"chunk {kind!r}")
        at = end
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds:
        raise ValueError("no picture")
    try:  # the first pixel, to tell a picture from a chunk that only bears the name
        zlib.decompressobj().decompress(kept[1 + kinds.index(b"IDAT")][8:-4], 1)
    except zlib.error:
        raise ValueError("no picture") from None
    return b"".join(kept)


_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.S)
_SOS, _EOI, _APP0, _APP14 = 0xDA, 0xD9, 0xE0, 0xEE
# Frame headers (but JPG), Huffman and arithmetic tables, quantisation, lines, restart, scan.
_JPEG_SEGMENTS = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, _SOS} - {0xC8})


def strip_jpeg(data: bytes) -> bytes:
    """A JPEG without metadata: of several pictures in one file (MPO) the first."""
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("no JPEG signature")
    kept = [b"\xff\xd8"]
    has_scan = False
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if at + 2 > len(data) or data[at] != 0xFF:
            raise ValueError("truncated")
        marker = data[at + 1]
        if marker == _EOI:
            break
        if at + 4 > len(data):
            raise ValueError("truncated")
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if end > len(data) or end < at + 4:
            raise ValueError("truncated")
        segment = data[at:end]
        if marker == _SOS:
            following = _NEXT_MARKER.search(data, end)
            if following is None:
                raise ValueError("truncated")
            end = following.start()
            segment = data[at:end]
            has_scan = True
        if marker in _JPEG_SEGMENTS:
            kept.append(segment)
        elif marker == _APP0 and segment[4:9] == b"JFIF\0" and len(segment) >= 18:
            kept.append(b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0")  # without thumbnail
        elif marker == _APP14 and segment[4:9] == b"Adobe" and len(segment) >= 16:
            kept.append(b"\xff\xee\x00\x0e" + segment[4:16])  # says how colours are stored
        at = end
    if not has_scan:
        raise ValueError("no picture")
    return b"".join([*kept, b"\xff\xd9"])


_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip_gif(data: bytes) -> bytes:
    """A GIF, animated or not, without comments and application data but the loop count."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 13:
        raise ValueError("no GIF signature")
    at = 13 + _gif_table(data[10])
    kept = [data[:at]]
    has_picture = False
    while at < len(data) and data[at] != 0x3B:
        start = at
        if data[at] == 0x2C and at + 10 <= len(data):
            at = _gif_blocks(data, at + 10 + _gif_table(data[at + 9]) + 1)
            keep = has_picture = True
        elif data[at] == 0x21:
            at = _gif_blocks(data, at + 2)
            label = data[start + 1]
            loops = label == 0xFF and data[start + 3 : start + 14] in _GIF_LOOPS
            keep = loops or label == 0xF9
        else:
            raise ValueError("truncated")
        if keep:
            kept.append(data[start:at])
    if not has_picture:
        raise ValueError("no picture")
    return b"".join([*kept, b"\x3b"])


def _gif_table(flags: int) -> int:
    """Bytes of the colour table that `flags` announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks(data: bytes, at: int) -> int:
    """The position behind the data blocks at `at`."""
    while True:
        if at >= len(data):
            raise ValueError("truncated")
        length = data[at]
        at += 1 + length
        if not length:
            return at


_WEBP_CHUNKS = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_METADATA_FLAGS = 0x20 | 0x08 | 0x04  # colour profile, EXIF, XMP
_ANMF_HEADER = 16


def strip_webp(data: bytes) -> bytes:
    """A WebP, animated or not, without metadata."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("no WebP signature")
    size = int.from_bytes(data[4:8], "little") + 8
    if size > len(data):
        raise ValueError("truncated")
    chunks = list(_webp_chunks(data[12:size]))
    if not any(chunk.startswith((b"VP8 ", b"VP8L", b"ANMF")) for chunk in chunks):
        raise ValueError("no picture")
    body = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunks(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + length]
        if len(content) < length:
            raise ValueError("truncated")
        at += 8 + length + length % 2
        if kind not in _WEBP_CHUNKS:
            continue
        if kind == b"VP8X":
            if length != 10:
                raise ValueError("VP8X")
            content = bytes([content[0] & ~_WEBP_METADATA_FLAGS]) + content[1:]
        elif kind == b"ANMF":
            content = content[:_ANMF_HEADER] + b"".join(_webp_chunks(content[_ANMF_HEADER:]))
        yield struct.pack("<4sI", kind, len(content)) + content + b"\0" * (len(content) % 2)


STRIPPERS: dict[str, Callable[[bytes], bytes]] = {
    "image/png": strip_png,
    "image/jpeg": strip_jpeg,
    "image/gif": strip_gif,
    "image/webp": strip_webp,
}
