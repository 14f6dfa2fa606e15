"""Signing in and out, the one-time links, the account page, the language switch."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from kb.problems import ProblemError
from portal.accounts import identity, people, providers, tokens
from portal.accounts.guard import require, safe_next
from portal.accounts.labels import ROLES
from portal.accounts.models import User
from portal.extensions import csrf
from portal.i18n import COOKIE, LOCALES, said, translate
from portal.settings import Settings

bp = Blueprint("accounts", __name__)

YEAR = 365 * 24 * 3600


@bp.record_once
def _install(state: Any) -> None:
    identity.install(state.app)
    state.app.jinja_env.filters["role_label"] = lambda role: translate(ROLES[role])


def _address() -> str:
    return request.remote_addr or ""


def _enter(user: User) -> None:
    """Open a session with a fresh cookie: what was in the old one is not carried over."""
    settings: Settings = current_app.config["SETTINGS"]
    token = tokens.open_session(
        user.id,
        address=_address(),
        agent=request.user_agent.string,
        hours=settings.session_hours,
    )
    session.clear()
    session.permanent = True
    login_user(identity.SignedIn(user, token))
    people.entered(user)


@bp.get("/login")
def login() -> Any:
    """The login form."""
    target = safe_next(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target)
    return _login_page(target)


def _login_page(target: str, name: str = "", error: str | None = None) -> str:
    return render_template(
        "accounts/login.html",
        next=target,
        name=name[:60],
        error=error,
        providers=providers.titles(),
    )


@bp.post("/login")
def login_post() -> Any:
    """Sign in, or show the form again with one answer for every mistake."""
    target = safe_next(request.form.get("next"))
    name = request.form.get("name", "")
    status = 401
    try:
        user = people.sign_in(name, request.form.get("password", ""), address=_address())
        error = _("用户名和密码对不上，请再试一次")
    except ProblemError as problem:
        unreachable = problem.problem is providers.UNREACHABLE
        user, error, status = None, said(problem.problem), 503 if unreachable else 429
    if user is None:
        return _login_page(target, name, error), status
    _enter(user)
    return redirect(target)


@bp.post("/logout")
def logout() -> Response:
    """End this session."""
    if current_user.is_authenticated and current_user.token:
        tokens.revoke_session(current_user.token)
    logout_user()
    session.clear()
    return redirect("/")


@bp.route("/welcome/<token>", methods=["GET", "POST"])
def welcome(token: str) -> Any:
    """Where a one-time link leads: the first administrator, or a new password."""
    link = tokens.find_link(token)
    first = link.purpose == tokens.FIRST_ADMIN
    name = request.form.get("name", "") if first else (link.user.name if link.user else "")
    error = None
    if request.method == "POST":
        password = request.form.get("password", "")
        try:
            if password != request.form.get("again", ""):
                error = _("两次输入的密码不一样")
            else:
                user = (
                    people.first_admin(token, name, password)
                    if first
                    else people.reset_by_link(token, password)
                )
                _enter(user)
                flash(_("欢迎！账号可以用了。"), "good")
                return redirect("/")
        except ProblemError as problem:
            error = said(problem.problem)
    page = render_template("accounts/welcome.html", first=first, name=name, error=error)
    return page, 400 if error else 200


@bp.get("/account")
@require()
def account() -> Any:
    """One's own account: password, language, sessions, API tokens."""
    return _account_page()


def _account_page(error: str | None = None, new_token: str | None = None) -> Any:
    user = current_user.user
    page = render_template(
        "accounts/account.html",
        user=user,
        sessions=tokens.sessions_of(user.id, current_user.token),
        api_tokens=tokens.api_tokens_of(user.id),
        keeper=providers.title_of(user.provider) if user.provider else "",
        error=error,
        new_token=new_token,
    )
    return page, 400 if error else 200


@bp.post("/account/password")
@require()
def change_password() -> Any:
    """Change one's own password; other sessions end."""
    user, form = current_user.user, request.form
    try:
        people.needs_own_password(user)
        current = form.get("current", "")
        known = people.sign_in(user.name, current, address=_address(), outside=False)
        if known is None:
            return _account_page(_("现在的密码不对"))
        if form.get("password", "") != form.get("again", ""):
            return _account_page(_("两次输入的密码不一样"))
        people.set_password(known, form.get("password", ""), keep_session=current_user.token)
    except ProblemError as problem:
        return _account_page(said(problem.problem))
    flash(_("密码已更改，其他设备上的登录都已退出。"), "good")
    return redirect(url_for("accounts.account"))


@bp.post("/account/tokens")
@require()
def add_token() -> Any:
    """Make a personal access token and show it once."""
    token = tokens.new_api_token(current_user.id, request.form.get("label", ""))
    return _account_page(new_token=token)


@bp.post("/account/tokens/<int:token_id>/revoke")
@require()
def revoke_token(token_id: int) -> Response:
    """Revoke one of one's tokens."""
    tokens.revoke_api_token(current_user.id, token_id)
    flash(_("令牌已作废。"), "good")
    return redirect(url_for("accounts.account"))


@bp.post("/account/sessions/revoke")
@require()
def revoke_sessions() -> Response:
    """Sign out one other device, or all others."""
    only = request.form.get("id", type=int)
    tokens.revoke_sessions(current_user.id, only=only, keep=current_user.token)
    flash(_("已退出。"), "good")
    return redirect(url_for("accounts.account"))


@bp.post("/language")
@csrf.exempt  # type: ignore[untyped-decorator]
def language() -> Response:
    """Choose the language: kept with the account, or in a cookie.

    Visitors' pages are shared and carry no token; requests from other sites are refused anyway.
    """
    chosen = request.form.get("lang", "")
    if chosen not in LOCALES:
        abort(404)
    user = identity.asking()
    if user is not None:
        people.set_locale(user, chosen)
    response = redirect(safe_next(request.form.get("next")))
    response.set_cookie(COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return response
