"""Which language a page speaks, and how the engine room's messages are translated.

Chinese is the source language. English comes by choice — of the account, or of the visitor in the
page foot — never by guessing, so that a link looks the same to two colleagues.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import flask_babel
from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_login import current_user

from kb.problems import Problem
from portal.extensions import babel

SOURCE = "zh_CN"
LOCALES = {SOURCE: "简体中文", "en": "English"}
COOKIE = "lang"


def locale() -> str:
    """The locale of this request: the account's, else the cookie's, else the setting's.

    Commands and the worker have no request and speak the source language; a thread that makes a
    part of somebody's page has been told his.
    """
    if not has_app_context():
        return SOURCE
    if "portal_locale" not in g:
        if not has_request_context():
            return SOURCE
        chosen = getattr(current_user, "locale", None) or request.cookies.get(COOKIE)
        g.portal_locale = (
            chosen if chosen in LOCALES else current_app.config["BABEL_DEFAULT_LOCALE"]
        )
    found: str = g.portal_locale
    return found


def gettext(message: str) -> str:
    """The message in the reader's language. The source language needs no look-up: a page asks a
    hundred times.
    """
    if not message or locale() == SOURCE:
        return message
    return str(flask_babel.gettext(message))


def ngettext(one: str, many: str, number: int) -> str:
    """The form of a message that goes with `number`; Chinese has one form for all."""
    if locale() == SOURCE:
        return many
    return str(flask_babel.ngettext(one, many, number))


def translate(message: str, **params: object) -> str:
    """Translate a source string that was marked with N_ elsewhere, then fill in its values."""
    text = gettext(message)
    return text % params if params else text


def problem_text(problem: Problem) -> str:
    """A problem's sentence in the reader's language."""
    return translate(problem.message, **problem.params)


def problem_remedy(problem: Problem) -> str:
    """A problem's next step in the reader's language."""
    return translate(problem.remedy, **problem.params)


def said(problem: Problem) -> str:
    """A problem in one line, with its code and next step, in the reader's language."""
    return f"[{problem.code}] {problem_text(problem)}。{problem_remedy(problem)}"


def install(app: Flask) -> None:
    """Set up gettext and the template filters that use it."""
    babel.init_app(app, locale_selector=locale)
    zone = ZoneInfo(app.config["BABEL_DEFAULT_TIMEZONE"])

    def written(form: str) -> Callable[[datetime | None], str]:
        return lambda value: value.astimezone(zone).strftime(form) if value else ""

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.jinja_env.globals.update(current_locale=locale, LOCALES=LOCALES)
    app.jinja_env.filters.update(
        t=translate,
        problem_text=problem_text,
        problem_remedy=problem_remedy,
        # The same in both languages, and sortable.
        day=written("%Y-%m-%d"),
        moment=written("%Y-%m-%d %H:%M"),
    )
