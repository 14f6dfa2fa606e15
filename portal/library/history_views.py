"""Pages for authors: an article's history, its revisions one by one and compared."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.accounts.guard import require
from portal.accounts.identity import asking
from portal.accounts.models import Role
from portal.library import service as library
from portal.library.blueprint import bp
from portal.library.diffing import compare

author = require(Role.AUTHOR)


@bp.get("/editor/<int:article_id>/history")
@author
def show_history(article_id: int) -> str:
    """Every revision: who, when, why."""
    article = library.editable(asking(), article_id)
    return render_template(
        "library/history.html",
        article=article,
        url=library.article_url(article.kind, article.slug),
        revisions=library.history(article_id),
    )


@bp.get("/editor/<int:article_id>/revisions/<int:number>")
@author
def show_revision(article_id: int, number: int) -> str:
    """One revision as readers would see it."""
    article = library.editable(asking(), article_id)
    revision = library.revision_numbered(article_id, number)
    rendered = library.render_revision(revision)
    return render_template(
        "library/revision.html",
        article=article,
        revision=revision,
        html=Markup(rendered.html),  # noqa: S704 - sanitised by the renderer
    )


@bp.get("/editor/<int:article_id>/compare")
@author
def show_comparison(article_id: int) -> str:
    """What changed between two revisions; without numbers, between the last two."""
    article = library.editable(asking(), article_id)
    b = _number("b", article.head_number)
    a = _number("a", max(1, b - 1))
    old, new = (library.revision_numbered(article_id, number) for number in (a, b))
    heads = [
        (_("标题"), old.title, new.title),
        (_("摘要"), old.summary, new.summary),
        (_("标签"), "，".join(old.tags), "，".join(new.tags)),
        (_("系列"), old.series, new.series),
    ]
    return render_template(
        "library/compare.html",
        article=article,
        old=old,
        new=new,
        numbers=[revision.number for revision in library.history(article_id)],
        heads=[(name, compare(one, two)) for name, one, two in heads if one != two],
        lines=compare(old.body, new.body),
    )


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else default


@bp.post("/editor/<int:article_id>/revisions/<int:number>/restore")
@author
def restore(article_id: int, number: int) -> Response:
    """An old revision becomes a new draft."""
    user = asking()
    assert user is not None  # @author has seen to it
    revision = library.restore(user, article_id, number)
    flash(_("第 %(old)s 版已恢复为草稿，是第 %(new)s 版", old=number, new=revision.number), "good")
    return redirect(f"/editor/{article_id}", 303)
