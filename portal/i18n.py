"""Which language a page speaks, and how the engine room's messages are translated.

Chinese is the source language. English comes by choice — of the account, or of the visitor in the
page foot — never by guessing, so that a link looks the same to two colleagues.
"""

from __future__ import annotations

from flask import Flask, current_app, request
from flask_babel import format_datetime, gettext
from flask_login import current_user

from kb.problems import Problem
from portal.extensions import babel

LOCALES = {"zh_CN": "简体中文", "en": "English"}
COOKIE = "lang"


def locale() -> str:
    """The locale of this request: the account's, else the cookie's, else the setting's."""
    chosen = getattr(current_user, "locale", None) or request.cookies.get(COOKIE)
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return chosen if chosen in LOCALES else default


def translate(message: str, **params: object) -> str:
    """Translate a source string that was marked with N_ elsewhere, then fill in its values."""
    text = gettext(message) if message else ""
    return text % params if params else text


def problem_text(problem: Problem) -> str:
    """A problem's sentence in the reader's language."""
    return translate(problem.message, **problem.params)


def problem_remedy(problem: Problem) -> str:
    """A problem's next step in the reader's language."""
    return translate(problem.remedy, **problem.params)


def install(app: Flask) -> None:
    """Set up gettext and the template filters that use it."""
    babel.init_app(app, locale_selector=locale)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals.update(current_locale=locale, LOCALES=LOCALES)
    app.jinja_env.filters.update(
        t=translate,
        problem_text=problem_text,
        problem_remedy=problem_remedy,
        day=lambda value: format_datetime(value, "yyyy-MM-dd") if value else "",
        moment=lambda value: format_datetime(value, "yyyy-MM-dd HH:mm") if value else "",
    )
