"""Translation that also works where there is no request: commands, threads, the worker."""

from __future__ import annotations

from flask import has_request_context

from portal import i18n


def translate(message: str, **params: object) -> str:
    """The source string in the reader's language, with its values; without a request, Chinese."""
    if has_request_context():
        return i18n.translate(message, **params)
    return message % params if params else message
