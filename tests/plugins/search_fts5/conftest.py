"""An engine in the test's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.search_fts5.engine import Fts5Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Fts5Engine]:
    """Empty, without an index."""
    made = Fts5Engine(tmp_path / "index")
    yield made
    made.close()
