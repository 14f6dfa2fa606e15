"""How large media may be, and how they are refused."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from kb.problems import N_, Problem, ProblemError

MAX_IMAGE_BYTES = 20 * 1024**2
MAX_SVG_BYTES = 2 * 1024**2
MAX_CAPTIONS_BYTES = 5 * 1024**2
MAX_VIDEO_BYTES = 500 * 1024**2
MAX_FILE_BYTES = 50 * 1024**2
MAX_PIXELS = 60_000_000
"""Width times height, of all frames together where a picture has to be decoded."""

_IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"})
_VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".webm"})


def size_limit(filename: str) -> int:
    """Most bytes a file of this name may have, before anything of it is read."""
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix in _VIDEO_SUFFIXES:
        return MAX_VIDEO_BYTES
    return MAX_IMAGE_BYTES if is_picture_name(filename) else MAX_FILE_BYTES


def is_picture_name(filename: str) -> bool:
    """Whether the name claims a picture of a kind we show."""
    return PurePosixPath(filename).suffix.lower() in _IMAGE_SUFFIXES


def check_size(size: int, limit: int, filename: str) -> None:
    """Raise `ProblemError` JS-2003 if `size` is over `limit` (bytes)."""
    if size > limit:
        raise ProblemError(
            Problem(
                "JS-2003",
                N_("文件有 %(size)s MB，超过上限 %(limit)s MB。"),
                N_("图片请缩小或另存为 JPEG，视频请压缩，其他文件请拆分后再上传。"),
                filename,
                params={"size": f"{size / 1024**2:.1f}", "limit": limit // 1024**2},
            )
        )


def refused(filename: str, message: str, remedy: str, **params: Any) -> ProblemError:
    """The error JS-2005 for a file that is not what it should be."""
    return ProblemError(Problem("JS-2005", message, remedy, filename, params=params))
