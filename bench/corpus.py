"""What is measured on: the bundled articles, and a manual of 150 pages when it lies beside us."""

from __future__ import annotations

from pathlib import Path

from bench.serving import ROOT

BUNDLED = ROOT / "content"
MANUAL = ROOT.parent / "shared" / "corpora" / "dolphinscheduler-zh" / "docs"


def manual() -> Path | None:
    """The folder of the large manual, or None where it is not at hand."""
    return MANUAL if MANUAL.is_dir() else None


def described() -> str:
    """Which content the figures are of."""
    if manual() is None:
        return f"bundled articles only ({MANUAL} is not there)"
    return "bundled articles and the manual of 150 pages"
