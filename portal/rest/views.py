"""The API's addresses. Shapes are fixed by the description in openapi.py: programs rely on them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from portal.accounts.identity import asking
from portal.accounts.models import User
from portal.contributions import Shortcut
from portal.library import service as library
from portal.rest.openapi import description
from portal.search import service as search

bp = Blueprint("rest", __name__)


def _reader() -> User | None:
    """Who asks; answers 401 when reading needs an account and the request carries none."""
    user = asking()
    if user is None and request.headers.get("Authorization"):
        # A dead token is told so, instead of quietly showing less.
        abort(401)
    if not library.may_read_at_all(user):
        abort(401)
    return user


def _number(name: str, default: int, top: int) -> int:
    value = request.args.get(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) > top:
        abort(400)
    return int(value)


@bp.get("/api/v1/search")
def search_articles() -> Response:
    """Full-text search."""
    answer = search.search(
        _reader(),
        request.args.get("q", ""),
        kind=request.args.get("kind", ""),
        limit=_number("limit", 10, search.MAX_LIMIT),
        offset=_number("offset", 0, search.MAX_OFFSET),
    )
    return jsonify(
        query=answer.query,
        total=answer.total,
        took_ms=answer.took_ms,
        hits=[hit_json(hit) for hit in answer.hits],
        facets=answer.facets,
        did_you_mean=answer.did_you_mean,
        shortcut=shortcut_json(answer.shortcut),
    )


def shortcut_json(shortcut: Shortcut | None) -> dict[str, str] | None:
    """Where a query leads at once, as the API and the command line give it."""
    if shortcut is None:
        return None
    return {"title": shortcut.title, "url": shortcut.url, "note": shortcut.note}


def hit_json(hit: search.Found) -> dict[str, Any]:
    """A hit as the API and the command line give it."""
    return {
        "id": hit.id,
        "kind": hit.kind,
        "title": hit.title,
        "url": hit.url,
        "anchor": hit.anchor,
        "heading": hit.heading,
        "snippet": str(hit.snippet),
        "score": hit.score,
        "source": hit.source,
    }


@bp.get("/api/v1/suggest")
def suggest() -> Response:
    """Suggestions while typing."""
    offers = search.suggest(_reader(), request.args.get("q", ""))
    return jsonify(
        suggestions=[{"text": offer.text, "url": offer.url, "kind": offer.kind} for offer in offers]
    )


@bp.get("/api/v1/articles/<int:article_id>")
def article(article_id: int) -> Response:
    """One published article."""
    page = library.article_for_api(_reader(), article_id)
    if page is None:
        abort(404)
    return jsonify(page)


@bp.get("/api/v1/openapi.json")
def openapi() -> Response:
    """The description of this API; it holds nothing secret."""
    return jsonify(description(list(library.kinds())))


@bp.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 when the portal can answer; 503 when the database cannot be used."""
    database, index = library.is_reachable(), search.index_is_readable()
    status = "ok" if database and index else "degraded" if database else "down"
    answer = jsonify(
        status=status, database="ok" if database else "down", index="ok" if index else "down"
    )
    return answer, 200 if database else 503
