"""Putting the application together, in named steps."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import db as database
from portal import errors, i18n, plugin_host, secrets, security
from portal.extensions import csrf, db
from portal.library.plugin_window import LibraryWindow
from portal.notifications.service import notify_from_plugin
from portal.settings import Settings, load
from portal.ui import assets, compress, context

ROOMS = (
    # From the ground up: a room imports only rooms named before it.
    "accounts",
    "notifications",
    "library",
    "search",
    "importing",
    "feedback",
    "projects",
    "workflow",
    "erp",
    "insights",
    "jobs",
    "home",
    "admin",
    "rest",
)

UI = Path(__file__).parent / "ui"


def build(settings: Settings | None = None) -> Flask:
    """The application with every room in it. Raises SettingsError."""
    settings = settings or load()
    app = Flask("portal", template_folder=str(UI / "templates"), static_folder=str(UI / "static"))
    configure(app, settings)
    set_up_database(app)
    compress.install(app)
    security.install(app)
    i18n.install(app)
    assets.install(app)
    context.install(app)
    errors.install(app)
    plugin_host.install(app, settings, LibraryWindow(), notify_from_plugin)
    register_rooms(app)
    plugin_host.mount(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Turn our settings into Flask's."""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=secrets.secret_key(settings),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": settings.database.startswith("postgresql")},
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_NAME="jinshi",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=settings.session_hours * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
        TEMPLATES_AUTO_RELOAD=settings.dev,
        # As long as the session: an article may take its author a whole afternoon.
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE=settings.locale,
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
        BABEL_TRANSLATION_DIRECTORIES=str(UI / "translations"),
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def set_up_database(app: Flask) -> None:
    """Bind the database; the engine connects on first use, not here."""
    db.init_app(app)
    with app.app_context():
        database.install(db.engine)


def register_rooms(app: Flask) -> None:
    """Register each room's blueprint; its views module is its door."""
    csrf.init_app(app)
    for room in ROOMS:
        views = import_module(f"portal.{room}.views")
        app.register_blueprint(views.bp)
