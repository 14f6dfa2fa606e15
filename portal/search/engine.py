"""Which engine searches, and where its index lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import current_app

from kb.problems import N_, Problem, ProblemError
from kb.search.model import SearchEngine
from portal.plugin_host import host
from portal.plugin_host.calls import Fault
from portal.search.guarded import EngineUnavailable, GuardedEngine, broken
from portal.settings import Settings

BUILT_IN = "whoosh"
MAKE_SECONDS = 5.0


def engine() -> SearchEngine:
    """The engine that the setting ``search_engine`` names, made on first use.

    Raises EngineUnavailable when no running plugin provides it or the plugin cannot make it.
    """
    name = _settings().search_engine
    return _built_in() if name == BUILT_IN else _from_plugin(name)


def index_is_followed() -> bool:
    """Whether the index of the engine now chosen is the one that changes have gone to so far.

    After another engine has been chosen its index is of the time when it was last in use.
    """
    try:
        name = _mark().read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        name = BUILT_IN
    return name == _settings().search_engine


def follow() -> None:
    """Note that from now on changes go to the index of the engine now chosen."""
    if not index_is_followed():
        beside = _mark().with_suffix(".new")
        beside.write_text(_settings().search_engine, encoding="ascii")
        beside.replace(_mark())


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _mark() -> Path:
    return _settings().home / "index.engine"


def _built_in() -> SearchEngine:
    found: SearchEngine | None = current_app.extensions.get("search_engine")
    if found is None:
        # Imported here so that commands which never search do not pay for the engine.
        from kb.search.whoosh_engine import WhooshEngine

        found = WhooshEngine(_settings().index_dir)
        current_app.extensions["search_engine"] = found
    return found


def _from_plugin(name: str) -> SearchEngine:
    """The engine of a plugin; made anew whenever plugins or their settings have changed."""
    plugins = host()
    collected = plugins.collected("portal_search_engines")
    found = next((one for one in collected if one.item.name == name), None)
    if found is None:
        raise EngineUnavailable(_missing(name))
    kept: GuardedEngine | None = current_app.extensions.get("plugin_search_engine")
    # Collecting again gives other items, even when a plugin's name and settings are the same.
    if kept is None or kept.kind is not found.item:
        folder = _settings().home / f"index-{name}"
        made = plugins.call(
            found.plugin,
            f"search engine {name}",
            lambda ctx: _checked(lambda: found.item.make(ctx, folder)),
            MAKE_SECONDS,
        )
        if isinstance(made, Fault):
            answer = made.error.problem if isinstance(made.error, ProblemError) else None
            raise EngineUnavailable(answer or broken(name, found.plugin))
        kept = GuardedEngine(found.plugin, found.item, made)
        current_app.extensions["plugin_search_engine"] = kept
    return kept


def _checked(make: Callable[[], object]) -> SearchEngine:
    made = make()
    if not isinstance(made, SearchEngine):
        raise TypeError(f"make() gave {type(made).__name__}, which is no SearchEngine")
    return made


def _missing(name: str) -> Problem:
    return Problem(
        "JS-1004",
        N_("设置 search_engine 选了搜索引擎 %(engine)s，但没有启用的插件提供它"),
        N_("启用提供它的插件，或把 search_engine 改回 whoosh 再重启门户"),
        params={"engine": name},
    )
