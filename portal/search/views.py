"""The search page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from portal.accounts.guard import login_page
from portal.accounts.identity import asking
from portal.library import service as library
from portal.search import service

bp = Blueprint("search", __name__)

PAGE = 20


@bp.get("/search")
def results() -> Any:
    """Results for ``?q=``, grouped by kind; narrowed by ``kind`` and ``tag``; paged by ``page``."""
    user = asking()
    if not library.may_read_at_all(user):
        return login_page()
    query = request.args.get("q", "").strip()
    kind, tag = request.args.get("kind", ""), request.args.get("tag", "")
    if kind not in library.kinds():
        kind = ""
    page = min(max(request.args.get("page", 1, type=int), 1), service.MAX_OFFSET // PAGE)
    answer = service.search(user, query, kind=kind, tag=tag, limit=PAGE, offset=(page - 1) * PAGE)

    def url(to: int = 1, **changes: str) -> str:
        values = {"q": query[:200], "kind": kind, "tag": tag, "page": str(to) if to > 1 else ""}
        values |= changes
        return "/search?" + urlencode({key: value for key, value in values.items() if value})

    return render_template(
        "search/results.html",
        query=query[:200],
        results=answer,
        facets=_facets(answer, kind, tag, url),
        did_you_mean=answer.did_you_mean,
        kind=kind,
        tag=tag,
        page=page,
        pages=max(1, -(-answer.total // PAGE)),
        url=url,
        groups=[] if kind or page > 1 else _groups(answer, url),
        near=library.newest_cards(user, 6) if query and not answer.total else (),
        popular=(),
        can_write=library.may_write(user),
    )


def _facets(answer: service.Answer, kind: str, tag: str, url: Any) -> dict[str, list[Any]]:
    kinds = library.kinds()
    counts = answer.facets.get("kind", {})
    return {
        "kind": [
            (name, known.label, known.mark, counts[name], url(kind=name), name == kind)
            for name, known in kinds.items()
            if counts.get(name)
        ],
        "tag": [
            (name, count, url(tag="" if name == tag else name), name == tag)
            for name, count in sorted(
                answer.facets.get("tag", {}).items(), key=lambda item: (-item[1], item[0])
            )[:12]
        ],
    }


def _groups(answer: service.Answer, url: Any) -> list[tuple[Any, int, list[Any], str]]:
    """Hits by kind; the kind of the best hit comes first."""
    counts = answer.facets.get("kind", {})
    groups: dict[str, list[service.Found]] = {}
    for hit in answer.hits:
        groups.setdefault(hit.kind, []).append(hit)
    return [
        (library.kind_named(name), counts.get(name, len(hits)), hits, url(kind=name))
        for name, hits in groups.items()
    ]
