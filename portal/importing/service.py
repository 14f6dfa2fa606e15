"""The door to the importing room: what other rooms and commands may use."""

from __future__ import annotations

from portal.importing.bringing import import_bundled, import_path
from portal.importing.guide import import_guide
from portal.importing.report import Outcome, PageResult, Report
from portal.importing.sources import Synced, scheduled, sync

__all__ = [
    "Outcome",
    "PageResult",
    "Report",
    "Synced",
    "import_bundled",
    "import_guide",
    "import_path",
    "scheduled",
    "sync",
]
