"""Markdown to page: the engine room's renderer with the plugins' extensions, and what it gave kept.

A rendering depends on the words, on the renderer, and on the media the words show; its key is made
of these, so a kept rendering is never wrong, only unused. It is looked for in this process, then in
the database, and made anew otherwise. Only writers store it: reading never waits for a lock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.document import Heading, Rendered, Section
from kb.markup import MediaRef, Renderer
from portal.counters import insert_into
from portal.db import db, utcnow
from portal.library.media_uses import ADDRESS, media_url, mentioned, stem
from portal.library.models import Media, MediaUse, Rendering, Revision
from portal.plugin_host import host


@dataclass(frozen=True)
class Prepared:
    """A rendering with the key it is kept under."""

    key: str
    rendered: Rendered


def renderer() -> Renderer:
    """The renderer with the extensions of the plugins that are on."""
    state = current_app.extensions["library"]
    extensions = host().markdown_extensions()
    if state.renderer is None or state.renderer_extensions != extensions:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        state.renderer = Renderer(
            extensions,
            budget=host().settings.plugins_budget,
            on_failure=lambda name, error: host().extension_failed(name, error),
            # Extensions run in a thread of their own, with a database session of their own.
            inside=app.app_context,
        )
        state.renderer_extensions = extensions
    made: Renderer = state.renderer
    return made


def render_revision(revision: Revision) -> Rendered:
    """What readers see of a revision's body."""
    return prepare(revision.body).rendered


def prepare(body: str) -> Prepared:
    """Render `body`, or give what is kept of it. Never writes; see `keep`."""
    engine = renderer()
    media = _media_of(body)
    key = _key(body, engine.fingerprint, media)
    kept = current_app.extensions["library"].renderings
    rendered: Rendered | None = kept.get(key)
    if rendered is None:
        payload = db.session.scalar(select(Rendering.payload).where(Rendering.key == key))
        rendered = _unpack(payload) if payload else None
        if rendered is None:
            rendered = engine.render(body, media=lambda source: media.get(_prefix(source)))
        if not rendered.failed_extensions:
            # A page shown without a plugin's part is tried again next time.
            kept.put(key, rendered)
    return Prepared(key, rendered)


def keep(session: Session, prepared: Prepared) -> None:
    """Store a rendering for every process. Call inside ``write()``."""
    if prepared.rendered.failed_extensions:
        return
    statement = insert_into(session, Rendering).values(
        key=prepared.key, payload=asdict(prepared.rendered), created_at=utcnow()
    )
    session.execute(statement.on_conflict_do_nothing())


def _prefix(source: str) -> str:
    found = ADDRESS.match(source)
    return found.group(1) if found else ""


def _key(body: str, fingerprint: str, media: dict[str, MediaRef]) -> str:
    digest = hashlib.sha256()
    for part in (fingerprint, repr(sorted((k, asdict(v)) for k, v in media.items())), body):
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()


def _media_of(body: str) -> dict[str, MediaRef]:
    """The media that `body` shows, by the beginning of their hash."""
    if "/media/" not in body:
        return {}
    session = db.session()
    found = mentioned(session, body)
    videos = [medium.id for medium in found if medium.kind == "video"]
    # Captions and posters: named in the same text, or known from where the video is used.
    beside = [*found, *_companions(session, videos)] if videos else []
    return {medium.sha256[:16]: _reference(medium, beside) for medium in found}


def _companions(session: Session, video_ids: Sequence[int]) -> list[Media]:
    """What stands in the same articles as these videos: their captions and posters among it."""
    articles = select(MediaUse.article_id).where(MediaUse.media_id.in_(video_ids))
    query = (
        select(Media)
        .join(MediaUse)
        .where(MediaUse.article_id.in_(articles), Media.kind != "video")
        .order_by(Media.id)
        .distinct()
    )
    return list(session.scalars(query))


def _reference(medium: Media, beside: Sequence[Media]) -> MediaRef:
    captions = poster = None
    if medium.kind == "video":
        mates = [mate for mate in beside if stem(mate) == stem(medium)]
        captions = next((media_url(m) for m in mates if m.mime == "text/vtt"), None)
        poster = next((media_url(m) for m in mates if m.kind == "image"), None)
    return MediaRef(
        url=media_url(medium),
        width=medium.width or 0,
        height=medium.height or 0,
        mime=medium.mime,
        captions_url=captions,
        poster_url=poster,
    )


def _unpack(payload: dict[str, Any]) -> Rendered | None:
    try:
        return Rendered(
            html=payload["html"],
            outline=tuple(Heading(**heading) for heading in payload["outline"]),
            sections=tuple(
                Section(**{**section, "path": tuple(section["path"])})
                for section in payload["sections"]
            ),
            links=tuple(payload["links"]),
            media=tuple(payload["media"]),
            minutes=payload["minutes"],
        )
    except (KeyError, TypeError):
        # Written by another version of the portal: make it anew.
        return None
