"""Pictures, videos and files: stored once by content hash, fetched by those who may see them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from pathlib import Path, PurePosixPath

from flask import current_app
from sqlalchemy import select

from kb.media import clean_image, sniff
from portal.accounts.models import Role, User
from portal.counters import insert_into
from portal.db import db, write
from portal.library.media_uses import media_url, starts_with
from portal.library.models import Article, Media, MediaUse
from portal.library.visibility import visible_to

NAME = 120
_UNFIT = re.compile(r"[^\w.-]+")


def store_media(data: bytes, name: str, user: User | None) -> Media:
    """Keep a file; one that is here already is not kept twice.

    Pictures are stored without their metadata. Not inside ``write()``: files may be large. Raises
    ProblemError JS-2003 for one that is too large, JS-2005 for one that is not what it says.
    """
    info = sniff(data, name)
    if info.kind == "image":
        data = clean_image(data, info)
    digest = hashlib.sha256(data).hexdigest()
    known = db.session.scalar(select(Media).where(Media.sha256 == digest))
    path = _path(digest, info.ext)
    if not path.exists():
        _put(path, data)
    if known is not None:
        return known
    with write() as session:
        statement = insert_into(session, Media).values(
            sha256=digest,
            name=_tidy_name(name, info.ext),
            mime=info.mime,
            kind=info.kind,
            size=len(data),
            width=info.width,
            height=info.height,
            uploader_id=user.id if user else None,
        )
        # Two people may store the same picture at once.
        session.execute(statement.on_conflict_do_nothing())
    return db.session.scalars(select(Media).where(Media.sha256 == digest)).one()


def _put(path: Path, data: bytes) -> None:
    """Write so that the file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _tidy_name(name: str, extension: str) -> str:
    stem = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).stem
    return f"{_UNFIT.sub('-', stem).strip('-.')[:NAME] or 'file'}{extension}"


def _path(digest: str, extension: str) -> Path:
    home: Path = current_app.config["SETTINGS"].media_dir
    return home / digest[:2] / f"{digest}{extension}"


def media_path(medium: Media) -> Path:
    """Where the file of a medium is."""
    return _path(medium.sha256, PurePosixPath(medium.name).suffix)


def find_medium(user: User | None, prefix: str) -> Media | None:
    """The medium whose hash begins with `prefix`, if `user` may see it: he can open an article
    that shows it, or he has brought it, or he is an author and no article shows it yet.
    """
    medium = db.session.scalar(select(Media).where(starts_with(prefix)))
    if medium is None:
        return None
    if user is not None and medium.uploader_id == user.id:
        return medium
    used = select(MediaUse.article_id).where(MediaUse.media_id == medium.id)
    shown = select(Article.id).where(Article.id.in_(used), visible_to(user)).limit(1)
    if db.session.scalar(shown) is not None:
        return medium
    is_author = user is not None and user.active and user.role.at_least(Role.AUTHOR)
    unused = is_author and db.session.scalar(used.limit(1)) is None
    return medium if unused else None


def as_markdown(medium: Media) -> str:
    """What an author writes to show a medium."""
    label = PurePosixPath(medium.name).stem.replace("-", " ")
    shown = medium.kind in ("image", "video")
    return f"{'!' if shown else ''}[{label}]({media_url(medium)})"
