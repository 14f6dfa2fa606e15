"""Where plugins are found. Nothing is imported here: a plugin that is off is never touched."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from portal.plugin_host.states import Source
from portal.settings import Settings

GROUP = "portal.plugins"

FILES = "portal_plugin_files"
"""The package that single files pretend to lie in."""

BUNDLED = (
    # Dotted names only: the portal imports none of them by itself. This is also their order.
    "plugins.announcement.plugin",
    "plugins.keyboard_keys.plugin",
    "plugins.glossary.plugin",
    "plugins.template_manufacturing.plugin",
    "plugins.template_software.plugin",
    "plugins.template_rollout.plugin",
    "plugins.template_training.plugin",
    "plugins.health_basic.plugin",
    "plugins.steps_basic.plugin",
    "plugins.csv_folder.plugin",
    "plugins.dashboard_library.plugin",
    "plugins.work_pages.plugin",
    "plugins.library_stats.plugin",
    "plugins.auth_ldap.plugin",
    "plugins.notify_mail.plugin",
    "plugins.search_fts5.plugin",
    "plugins.shortcuts.plugin",
    "plugins.folder_source.plugin",
    "plugins.import_table.plugin",
    "plugins.page_notes.plugin",
    "plugins.activity.plugin",
)


@dataclass(frozen=True)
class Found:
    """A plugin that can be imported with `load`."""

    name: str
    source: Source
    origin: str
    load: Callable[[], ModuleType]
    module: str = ""
    """Dotted name of its module, when it has one."""

    def source_file(self) -> Path | None:
        """Where its source lies, found without importing anything; None when that is unclear."""
        if self.source is Source.FILE:
            return Path(self.origin)
        top, *rest = self.module.split(".")
        spec = importlib.util.find_spec(top) if top else None
        for folder in (spec.submodule_search_locations or []) if spec else []:
            path = Path(folder).joinpath(*rest[:-1], f"{rest[-1]}.py") if rest else None
            if path is not None and path.is_file():
                return path
        return None


BROUGHT: list[Found] = []
"""What ``portal plugins check`` and `portal.testing` try out: last, and instead of an installed
plugin of the same name. Empty in a portal that serves."""


def discover(settings: Settings) -> Iterator[Found]:
    """Every plugin in a fixed order: bundled, installed by name, files by name."""
    for dotted in BUNDLED:
        yield _bundled(dotted)
    tried = {found.name for found in BROUGHT}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        if point.name not in tried:
            yield _installed(point)
    if settings.plugins_dir is not None and settings.plugins_dir.is_dir():
        for path in sorted(settings.plugins_dir.glob("*.py")):
            if not path.name.startswith("_"):
                yield in_file(path)
    yield from BROUGHT


def _bundled(dotted: str) -> Found:
    name = dotted.split(".")[-2]
    return Found(name, Source.BUNDLED, dotted, lambda: import_module(dotted), dotted)


def _installed(point: EntryPoint) -> Found:
    origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
    return Found(point.name, Source.INSTALLED, origin, lambda: _module(point), point.module)


def _module(point: EntryPoint) -> ModuleType:
    loaded = point.load()
    if not isinstance(loaded, ModuleType):
        raise TypeError(f"entry point {point.value!r} is not a module")
    return loaded


def in_file(path: Path) -> Found:
    """The plugin in a single file."""
    return Found(path.stem, Source.FILE, str(path), lambda: _from_file(path))


def _from_file(path: Path) -> ModuleType:
    # One module per version of a file: an edited one is read again, an unchanged one is kept.
    version = f"{path.resolve()}:{path.stat().st_mtime_ns}".encode()
    name = f"{FILES}.{path.stem}_{hashlib.sha256(version).hexdigest()[:8]}"
    with _file_lock(name):
        if name in sys.modules:
            return sys.modules[name]
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        # Dataclasses and pydantic look their module up here while it is being executed.
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module


_file_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def _file_lock(name: str) -> threading.Lock:
    """Two threads may want the same file, and none may see a module that is half executed."""
    with _file_locks[""]:  # no file has this name: it guards the table itself
        return _file_locks[name]
