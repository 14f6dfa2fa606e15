"""What a person has been told, and for administrators what could not be brought out."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts.guard import require
from portal.accounts.models import Role
from portal.notifications import service as notifications
from portal.notifications.models import Notice
from portal.plugin_host import host

bp = Blueprint("notifications", __name__)


@bp.get("/notifications")
@require()
def mine() -> str:
    """Everything the reader has been told, newest first."""
    user = current_user.user
    return render_template(
        "notifications/mine.html",
        notices=notifications.mine(user),
        unread=notifications.unread(user),
    )


@bp.post("/notifications/read")
@require()
def read() -> Response:
    """The reader has read one notice (``id``), or everything."""
    wanted = request.form.get("id")
    notice = _own(wanted) if wanted is not None else None
    notifications.mark_read(current_user.user, notice)
    return redirect(url_for(".mine"), 303)


@bp.get("/notifications/<int:notice_id>")
@require()
def go(notice_id: int) -> Response:
    """Where a notice leads; it counts as read from then on."""
    notice = _own(str(notice_id))
    target = notice.url or url_for(".mine")
    notifications.mark_read(current_user.user, notice)
    return redirect(target, 303)


def _own(notice_id: str) -> Notice:
    notice = notifications.one_of(current_user.user, int(notice_id) if _is_id(notice_id) else 0)
    if notice is None:
        abort(404)
    return notice


def _is_id(text: str) -> bool:
    """Longer numbers are no ids of the database."""
    return text.isdecimal() and len(text) < 10


@bp.get("/admin/deliveries")
@require(Role.ADMIN)
def deliveries() -> str:
    """What could not be sent, and the channels there are."""
    return render_template(
        "notifications/deliveries.html",
        deliveries=notifications.troubled(),
        channels=[one.item for one in host().collected("portal_notification_channels")],
    )


@bp.post("/admin/deliveries/again")
@require(Role.ADMIN)
def again() -> Response:
    """Send one that was given up (``id``), or all of them, once more."""
    wanted = request.form.get("id")
    if wanted is not None and not _is_id(wanted):
        abort(400)
    count = notifications.send_again(current_user.user, int(wanted) if wanted else None)
    if count:
        flash(_("%(n)s 条消息马上再发一次。", n=count), "good")
    else:
        flash(_("没有需要再发的消息。"), "info")
    return redirect(url_for(".deliveries"), 303)
