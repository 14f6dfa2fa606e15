"""Compressed text with gaps."""

from __future__ import annotations

import struct
import zlib


class Packed:
    """A text with gaps for the nonce, compressed so that filling the gaps costs next to nothing.

    Each part is a raw deflate stream flushed to a byte boundary that refers to nothing before it;
    the nonce goes between them as a stored block (RFC 1951 §3.2.4), a final empty block ends it,
    and gzip's frame is written around it (RFC 1952).
    """

    _HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    _END = b"\x03\0"

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        self.plain = parts
        self._deflated = [self._deflate(part) for part in parts]

    @staticmethod
    def _deflate(part: bytes) -> bytes:
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return squeeze.compress(part) + squeeze.flush(zlib.Z_FULL_FLUSH)

    def filled(self, nonce: bytes) -> bytes:
        """The text with the nonce in its gaps."""
        return nonce.join(self.plain)

    def gzipped(self, nonce: bytes) -> bytes:
        """The same, compressed."""
        size = len(nonce)
        stored = struct.pack("<BHH", 0, size, size ^ 0xFFFF) + nonce
        text = self.filled(nonce)
        tail = struct.pack("<II", zlib.crc32(text), len(text) & 0xFFFFFFFF)
        return self._HEAD + stored.join(self._deflated) + self._END + tail
