"""Which engine searches, and where its index lies."""

from __future__ import annotations

from flask import current_app

from kb.search.model import SearchEngine
from portal.settings import Settings


def engine() -> SearchEngine:
    """The engine of this application, made on first use."""
    found: SearchEngine | None = current_app.extensions.get("search_engine")
    if found is None:
        settings: Settings = current_app.config["SETTINGS"]
        # Imported here so that commands which never search do not pay for the engine.
        from kb.search.whoosh_engine import WhooshEngine

        found = WhooshEngine(settings.index_dir)
        current_app.extensions["search_engine"] = found
    return found
