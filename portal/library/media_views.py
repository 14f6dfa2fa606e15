"""The address of media: long kept by browsers, in parts for video, harmless whatever they hold."""

from __future__ import annotations

from flask import abort, current_app, send_file
from werkzeug.wrappers import Response

from portal.accounts.identity import asking
from portal.library.blueprint import bp
from portal.library.media import find_medium, media_path

YEAR = 365 * 24 * 3600
INLINE = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "text/vtt",
    }
)
"""What browsers show and cannot run."""
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""For the one answer that is a drawing or an unknown file: it may paint, and nothing else."""


@bp.get("/media/<prefix>/<name>")
def show_media(prefix: str, name: str) -> Response:
    """A picture, video or file."""
    user = asking()
    if len(prefix) != 16 or not set(prefix) <= set("0123456789abcdef"):
        abort(404)
    medium = find_medium(user, prefix)
    if medium is None:
        abort(404)
    path = media_path(medium)
    if not path.is_file():
        abort(404)
    is_inline = medium.mime in INLINE
    response = send_file(
        path,
        mimetype=medium.mime,
        as_attachment=not is_inline,
        download_name=medium.name,
        conditional=True,
        etag=medium.sha256[:32],
        last_modified=medium.created_at,
        max_age=YEAR,
    )
    open_to_all = user is None and current_app.config["SETTINGS"].anonymous_read
    response.headers["Cache-Control"] = (
        f"{'public' if open_to_all else 'private'}, max-age={YEAR}, immutable"
    )
    if not is_inline:
        response.headers["Content-Security-Policy"] = SANDBOX
    return response
