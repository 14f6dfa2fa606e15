"""Pages for readers: articles, lists of a kind or tag, series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, abort, current_app, make_response, redirect, render_template, request
from werkzeug.routing import BaseConverter, ValidationError
from werkzeug.wrappers import Response

from portal.accounts.identity import asking
from portal.library import editor_views, history_views, media_views, state
from portal.library import service as library
from portal.library.blueprint import bp
from portal.library.kinds import kind_named, kinds
from portal.library.page_cache import keep_page
from portal.library.shared_views import render_shared

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

__all__ = ["bp", "editor_views", "history_views", "media_views"]


@bp.record_once
def _set_up(setup: BlueprintSetupState) -> None:
    assert isinstance(setup.app, Flask)
    state.install(setup.app)
    setup.app.url_map.converters["kind"] = KindConverter
    # Else every unknown first part would be sent to itself with a slash before the 404.
    setup.add_url_rule("/<kind:kind>/", "kind", show_kind, strict_slashes=False)
    setup.add_url_rule("/<kind:kind>/<path:slug>", "article", show_article)


class KindConverter(BaseConverter):
    """The first part of articles' addresses, as the kind's name. It matches the kinds there are
    now, plugins' too, and leaves every other address to the other rooms.
    """

    def to_python(self, value: str) -> str:
        found = next((kind.name for kind in kinds().values() if kind.prefix == value), None)
        if found is None:
            raise ValidationError
        return found

    def to_url(self, value: str) -> str:
        return kind_named(value).prefix


def show_article(kind: str, slug: str) -> Response | str:
    """The reading page."""
    user = asking()
    found = library.read(user, kind, slug)
    if found is None:
        abort(404)
    if isinstance(found, library.Moved):
        return redirect(found.url, 301)
    if isinstance(found, library.Gone):
        return make_response(render_template("library/gone.html", near=found.near), 410)
    page, template = found.page, "library/article.html"
    can_edit = library.may_edit(user, found)
    if page.draft:
        return render_template(template, page=page, can_edit=can_edit, voted=None)
    kept = user is None and keep_page(page.id)
    page, voted = library.with_feedback(page, f"user:{user.id}" if user else "")
    if not kept:
        current_app.extensions["library"].readings.count(page.id, request.user_agent.string)
    if user is None:
        return render_template(template, page=page, can_edit=False, voted=voted)
    audience = library.readable_space_ids(user)
    key = (page.id, audience, can_edit, voted, page.solved, page.unsolved)
    return render_shared(user, key, template, page=page, can_edit=can_edit, voted=voted)


def show_kind(kind: str) -> str:
    """The articles of a kind."""
    user = asking()
    page = library.kind_page(user, kind, page=_page_number(), tag=request.args.get("tag", ""))
    if user is None:
        keep_page()
    return render_template("library/list.html", page=page)


@bp.get("/tags/<path:name>")
def show_tag(name: str) -> str:
    """The articles with a tag."""
    user = asking()
    page = library.tag_page(user, name, page=_page_number())
    if page is None:
        abort(404)
    if user is None:
        keep_page()
    return render_template("library/list.html", page=page)


@bp.get("/series/<slug>")
def show_series(slug: str) -> str:
    """The articles of a series, in order."""
    user = asking()
    found = library.series_page(user, slug)
    if found is None:
        abort(404)
    if user is None:
        keep_page()
    series, cards = found
    return render_template("library/series.html", series=series, cards=cards)


def _page_number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
