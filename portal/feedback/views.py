"""Where readers say whether an article has helped."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts.guard import require, safe_next
from portal.accounts.identity import asking
from portal.accounts.models import Role
from portal.extensions import csrf
from portal.feedback import service as feedback
from portal.library.blueprint import require_reading
from portal.library.service import article_url

bp = Blueprint("feedback", __name__)
bp.before_request(require_reading)

COOKIE = "visitor"
YEAR = 365 * 24 * 3600


@bp.get("/feedback/")
@require(Role.AUTHOR)
def received() -> str:
    """What readers could not solve, for those who can mend it."""
    return render_template("library/feedback.html", voices=feedback.for_author(current_user.user))


@bp.post("/feedback/<int:article_id>")
def give(article_id: int) -> Response:
    """「解决了 / 没解决」, with a reason and a text if there are any.

    Pages for visitors are the same for all and carry no form token; the same-origin check stands
    for it there. A signed-in user's click needs the token.
    """
    user = asking()
    if user is not None and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()
    choice = request.form.get("solved")
    if choice not in ("0", "1"):
        abort(400)
    known = request.cookies.get(COOKIE, "")
    visitor = known if 20 <= len(known) <= 40 else secrets.token_urlsafe(18)
    said = feedback.say(
        user,
        article_id,
        f"user:{user.id}" if user else f"visitor:{visitor}",
        solved=choice == "1",
        reason=request.form.get("reason", ""),
        text=request.form.get("text", ""),
    )
    if said is None:
        abort(404)
    response = _answer(said, article_id)
    if user is None:
        response.set_cookie(
            COOKIE,
            visitor,
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response


csrf.exempt(give)


def _answer(said: feedback.Said, article_id: int) -> Response:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        counts = {"solved": said.solved_count, "unsolved": said.unsolved_count}
        return jsonify(solved=said.solved, counts=counts)
    flash(_("记下了，谢谢。") if said.solved else _("记下了，负责人会看到。"), "good")
    article = feedback.readable_article(asking(), article_id)
    return redirect(safe_next(article_url(article.kind, article.slug) if article else "/"), 303)
