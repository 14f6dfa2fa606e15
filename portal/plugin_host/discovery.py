"""Where plugins are found. Nothing is imported here: a plugin that is off is never touched."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from portal.plugin_host.states import Source
from portal.settings import Settings

GROUP = "portal.plugins"

BUNDLED = (
    # Dotted names only: the portal imports none of them by itself. This is also their order.
    "plugins.announcement.plugin",
    "plugins.keyboard_keys.plugin",
    "plugins.glossary.plugin",
    "plugins.template_manufacturing.plugin",
    "plugins.template_software.plugin",
    "plugins.template_rollout.plugin",
    "plugins.template_training.plugin",
    "plugins.steps_basic.plugin",
    "plugins.csv_folder.plugin",
    "plugins.dashboard_library.plugin",
    "plugins.work_pages.plugin",
    "plugins.library_stats.plugin",
)


@dataclass(frozen=True)
class Found:
    """A plugin that can be imported with `load`."""

    name: str
    source: Source
    origin: str
    load: Callable[[], ModuleType]


def discover(settings: Settings) -> Iterator[Found]:
    """Every plugin in a fixed order: bundled, installed by name, files by name."""
    for dotted in BUNDLED:
        yield _bundled(dotted)
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        yield _installed(point)
    if settings.plugins_dir is not None and settings.plugins_dir.is_dir():
        for path in sorted(settings.plugins_dir.glob("*.py")):
            if not path.name.startswith("_"):
                yield _file(path)


def _bundled(dotted: str) -> Found:
    return Found(dotted.split(".")[-2], Source.BUNDLED, dotted, lambda: import_module(dotted))


def _installed(point: EntryPoint) -> Found:
    origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
    return Found(point.name, Source.INSTALLED, origin, lambda: _module(point))


def _module(point: EntryPoint) -> ModuleType:
    loaded = point.load()
    if not isinstance(loaded, ModuleType):
        raise TypeError(f"entry point {point.value!r} is not a module")
    return loaded


def _file(path: Path) -> Found:
    return Found(path.stem, Source.FILE, str(path), lambda: _from_file(path))


def _from_file(path: Path) -> ModuleType:
    # One module per version of a file: an edited one is read again, an unchanged one is kept.
    version = f"{path.resolve()}:{path.stat().st_mtime_ns}".encode()
    name = f"portal_plugin_files.{path.stem}_{hashlib.sha256(version).hexdigest()[:8]}"
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
