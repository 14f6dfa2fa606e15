"""What the library keeps in a process for one application."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from kb.document import Rendered
from kb.markup import MarkupExtension, Renderer
from portal.db import db
from portal.library.caches import Generation, Lru, PerGeneration
from portal.library.kinds import kind_list
from portal.library.page_cache import PAGES, Page, PageCache
from portal.library.readings import Readings
from portal.library.shared_views import SHAPES, Shape

RENDERINGS = 300


@dataclass
class LibraryState:
    """Caches and counters; nothing that would be missed."""

    generation: Generation
    parts: PerGeneration
    readings: Readings
    pages: Lru[Page] = field(default_factory=lambda: Lru(PAGES))
    renderings: Lru[Rendered] = field(default_factory=lambda: Lru(RENDERINGS))
    shapes: Lru[Shape] = field(default_factory=lambda: Lru(SHAPES))
    renderer: Renderer | None = None
    renderer_extensions: tuple[MarkupExtension, ...] = ()

    def forget(self) -> None:
        """Let go of everything that was made with the plugins' help."""
        self.parts.clear()
        self.shapes.clear()
        self.pages.clear()


def install(app: Flask) -> None:
    """Set up the library's state, its template helpers and the page cache."""
    with app.app_context():
        generation = Generation(db.engine)
    readings = Readings(app)
    state = LibraryState(generation, PerGeneration(generation), readings)
    app.extensions["library"] = state
    app.extensions["plugins"].listeners.append(state.forget)
    app.jinja_env.globals["kinds"] = kind_list
    # Inside ProxyFix, which must have put scheme and host right before a page is looked up by them.
    outer = app.wsgi_app
    inner = outer.app if isinstance(outer, ProxyFix) else outer
    cache = PageCache(inner, generation, readings, state.pages, app.config["SESSION_COOKIE_NAME"])
    if isinstance(outer, ProxyFix):
        outer.app = cache
    else:
        app.wsgi_app = cache  # type: ignore[method-assign]
