"""A reading page made once for all signed-in readers who see the same.

What differs between two readers of the same role and spaces is their name, the script nonce and
the form token. The page is rendered with marks in these places, cut there, and filled for each
reader. The template is given a stand-in for the reader that knows his role and nothing else, so
nothing of the first reader can get into what the next one is sent.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Hashable
from dataclasses import dataclass

from flask import current_app, g, render_template, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from portal.accounts.models import Role, User
from portal.i18n import locale
from portal.library.caches import Lru
from portal.library.page_cache import LIFETIME
from portal.plugin_host.cards import INCOMPLETE
from portal.security import nonce
from portal.ui.context import theme

SHAPES = 300


@dataclass(frozen=True)
class Face:
    """All that a shared page is told of its reader; both names are marks."""

    role: Role
    display_name: str
    name: str
    is_authenticated: bool = True
    is_anonymous: bool = False

    def can(self, role: str) -> bool:
        """True when the reader's role includes `role`."""
        return self.role.at_least(Role(role))


@dataclass(frozen=True)
class Shape:
    """A page cut at its marks: text, the gap after it, text, …, text."""

    pieces: tuple[str, ...]

    @classmethod
    def cut(cls, page: str, marks: dict[str, str]) -> Shape:
        """Cut `page` at `marks` (gap → the mark that stands for it)."""
        gaps = {mark: gap for gap, mark in marks.items()}
        parts = re.split("(" + "|".join(map(re.escape, gaps)) + ")", page)
        return cls(tuple(gaps.get(part, part) if n % 2 else part for n, part in enumerate(parts)))

    def filled(self, values: dict[str, str]) -> str:
        """The page with a value in each gap."""
        return "".join(values[piece] if n % 2 else piece for n, piece in enumerate(self.pieces))


def render_shared(user: User, key: Hashable, template: str, **context: object) -> str:
    """`template` for `user`, from a rendering shared by all readers with the same `key` and role.

    `key` must hold everything else that `context` depends on.
    """
    if "_flashes" in session:
        # A message is for one reader, once.
        return render_template(template, **context)
    state = current_app.extensions["library"]
    shapes: Lru[Shape] = state.shapes
    labelled = (
        state.generation.current(),
        key,
        user.role,
        locale(),
        theme(),
        request.host_url,
        request.full_path,
        # What plugins put into the page may change without the library changing.
        int(time.monotonic() // LIFETIME),
    )
    shape = shapes.get(labelled)
    if shape is None:
        shape = _cut(user, template, context)
        if INCOMPLETE not in request.environ:
            shapes.put(labelled, shape)
    name = str(escape(user.display_name or user.name))
    return shape.filled({"nonce": nonce(), "token": generate_csrf(), "name": name})


def _cut(user: User, template: str, context: dict[str, object]) -> Shape:
    marks = {gap: f"{gap}-{secrets.token_hex(16)}" for gap in ("nonce", "token", "name")}
    g.csp_nonce, g.csrf_token = marks["nonce"], marks["token"]
    try:
        face = Face(user.role, marks["name"], marks["name"])
        page = render_template(template, current_user=face, **context)
    finally:
        del g.csp_nonce, g.csrf_token
    return Shape.cut(page, marks)
