"""Copying what belongs to pages, and nothing from outside the folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from kb.importers.resolve import PAGE_SUFFIXES
from kb.importers.tree import is_skipped
from kb.media.limits import is_picture_name
from portal.api import N_, Problem, ProblemError

MAX_FILES = 5_000
MAX_BYTES = 500 * 1024**2

BESIDE = (".mp4", ".webm", ".vtt", ".pdf")
"""What else pages show or link to."""


def copy_pages(root: Path, into: Path) -> int:
    """Copy pages, pictures, videos and captions below `root` (resolved); gives how many files.

    Hidden files are passed over, and links that lead out of the folder. Raises ProblemError:
    JS-2003 when there is too much, JS-4003 when a file cannot be read.
    """
    count = size = 0
    for path in wanted(root):
        try:
            count, size = count + 1, size + path.stat().st_size
            if count > MAX_FILES or size > MAX_BYTES:
                raise ProblemError(_too_much(root))
            target = into / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            # The bytes only: no link, no owner, no permission comes along.
            shutil.copyfile(path, target)
        except OSError as error:
            raise ProblemError(_unreadable(path.relative_to(root), error)) from error
    return count


def wanted(root: Path) -> Iterator[Path]:
    """The files below `root` that belong to pages, in order."""

    def refuse(error: OSError) -> None:
        raise ProblemError(_unreadable(Path(error.filename or "").name, error)) from error

    for folder, folders, names in os.walk(root, onerror=refuse):
        # Links to folders are not followed at all: they could go round in circles.
        folders[:] = sorted(name for name in folders if not is_skipped(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not is_skipped(name) and _belongs(name) and _is_ours(path, root):
                yield path


def _belongs(name: str) -> bool:
    lower = name.lower()
    return lower.endswith((*PAGE_SUFFIXES, *BESIDE)) or is_picture_name(name)


def _is_ours(path: Path, root: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(root)


def _too_much(root: Path) -> Problem:
    return Problem(
        "JS-2003",
        N_("文件夹 %(path)s 里的文件多于 %(files)s 个或 %(size)s MB，没有取"),
        N_("指到只放文章的子文件夹，或分成几个来源"),
        params={"path": root.name, "files": MAX_FILES, "size": MAX_BYTES >> 20},
    )


def _unreadable(path: Path | str, error: OSError) -> Problem:
    return Problem(
        "JS-4003",
        N_("%(path)s 读不了：%(error)s；这次什么也没有取"),
        N_("检查它的权限和网络共享；运行门户的系统账号要能读它"),
        params={"path": path, "error": error.strerror or error},
    )
