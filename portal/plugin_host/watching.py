"""``portal serve --dev``: a plugin is read again when one of its files changes."""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from flask import Flask

from portal.plugin_host.plugins import PluginHost
from portal.plugin_host.states import Plugin, Source

log = logging.getLogger("portal.plugins")

EVERY_SECONDS = 0.5
MOST_FILES = 2_000
"""Files of one plugin that are watched."""

Stamp = tuple[tuple[str, int], ...]
"""Path and time of change of each file."""


class Watcher:
    """Looks at the files of every plugin; `look` once, or `start` to go on looking."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._host: PluginHost = app.extensions["plugins"]
        with app.app_context():
            self._seen = self._stamps()

    def start(self) -> None:
        """Go on looking in a thread that ends with the process."""
        threading.Thread(target=self._run, name="plugin-watch", daemon=True).start()

    def look(self) -> list[str]:
        """Read again what has changed since the last look; gives the names of those plugins."""
        with self._app.app_context():
            now = self._stamps()
            names = now.keys() | self._seen.keys()
            changed = sorted(name for name in names if now.get(name) != self._seen.get(name))
            if changed:
                for name in changed:
                    plugin = self._host.plugin(name)
                    if plugin is not None and plugin.module is not None:
                        _unload(plugin.module)
                importlib.invalidate_caches()
                self._host.renew().wait()
                self._seen = self._stamps()
        return changed

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_SECONDS):
            for name in self.look():
                log.warning("plugin %s: read again", name)

    def _stamps(self) -> dict[str, Stamp]:
        found = {plugin.name: _stamp(_files(plugin)) for plugin in self._host.plugins}
        folder = self._host.settings.plugins_dir
        for path in folder.glob("*.py") if folder is not None else ():
            # A new file is no plugin yet, an edited one may have failed to load.
            found[path.stem] = _stamp([path])
        return found


def _files(plugin: Plugin) -> Iterator[Path]:
    if plugin.source is Source.FILE:
        yield Path(plugin.origin)
        return
    if plugin.folder is None:
        return
    for number, path in enumerate(plugin.folder.rglob("*")):
        if number >= MOST_FILES:
            return
        if path.is_file() and path.suffix != ".pyc":
            yield path


def _stamp(files: Iterator[Path] | list[Path]) -> Stamp:
    found = []
    for path in files:
        try:
            found.append((str(path), path.stat().st_mtime_ns))
        except OSError:
            continue  # it has just gone
    return tuple(sorted(found))


def _unload(module: ModuleType) -> None:
    """Forget the module and everything in its package, so that they are imported anew."""
    package = module.__name__.rpartition(".")[0]
    for name in list(sys.modules):
        if name == module.__name__ or (package and f"{name}.".startswith(f"{package}.")):
            del sys.modules[name]
