"""Pictures, videos, captions and attachments: what they really are, and pictures made safe."""

from __future__ import annotations

from kb.media.captions import Cue, parse_vtt
from kb.media.limits import (
    MAX_CAPTIONS_BYTES,
    MAX_FILE_BYTES,
    MAX_IMAGE_BYTES,
    MAX_PIXELS,
    MAX_SVG_BYTES,
    MAX_VIDEO_BYTES,
    size_limit,
)
from kb.media.sniffing import MediaInfo, clean_image, sniff

__all__ = [
    "MAX_CAPTIONS_BYTES",
    "MAX_FILE_BYTES",
    "MAX_IMAGE_BYTES",
    "MAX_PIXELS",
    "MAX_SVG_BYTES",
    "MAX_VIDEO_BYTES",
    "Cue",
    "MediaInfo",
    "clean_image",
    "parse_vtt",
    "size_limit",
    "sniff",
]
