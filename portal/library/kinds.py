"""The kinds of article there are: the core's, then what plugins add."""

from __future__ import annotations

from flask import has_request_context

from portal.contributions import CORE_KINDS, ContentKind
from portal.i18n import translate
from portal.plugin_host import host


def kinds() -> dict[str, ContentKind]:
    """Every kind by name, in the order readers see them. A plugin cannot replace a core kind."""
    found = {kind.name: kind for kind in CORE_KINDS}
    prefixes = {kind.prefix for kind in CORE_KINDS}
    for kind in _from_plugins():
        if kind.name not in found and kind.prefix not in prefixes:
            found[kind.name] = kind
            prefixes.add(kind.prefix)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def kind_named(name: str) -> ContentKind:
    """The kind with this name. One whose plugin is gone keeps its name as its label, so that its
    articles stay readable in tools.
    """
    return kinds().get(name) or ContentKind(name, name, name, name[:1] or "？")


def article_url(kind: str, slug: str) -> str:
    """The address of an article, relative to the portal's root."""
    return f"/{kind_named(kind).prefix}/{slug}"


def label(kind: ContentKind) -> str:
    """What readers call the kind, in the language of this request."""
    return _said(kind.label)


def about(kind: ContentKind) -> str:
    """What the kind is for, in the language of this request."""
    return _said(kind.description)


def _said(text: str) -> str:
    return translate(text) if has_request_context() else text


def kind_list() -> list[ContentKind]:
    """Every kind, for templates."""
    return list(kinds().values())


def _from_plugins() -> tuple[ContentKind, ...]:
    return host().content_kinds()
