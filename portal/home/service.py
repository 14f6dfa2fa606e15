"""What the home page offers a reader."""

from __future__ import annotations

from typing import Any

from portal.accounts.models import User
from portal.contributions import ContentKind
from portal.library import service as library
from portal.plugin_host import host


def sections(user: User | None) -> dict[str, Any]:
    """The home page's parts: kinds with counts, series, newest, most read, plugins' widgets."""
    counts = library.counts_by_kind(user)
    kinds: list[tuple[ContentKind, int]] = [
        (kind, counts.get(kind.name, 0)) for kind in library.kind_list()
    ]
    return {
        "kinds": kinds,
        "series": library.all_series(user),
        "newest": library.newest_cards(user, 8),
        "most_read": library.most_read(user, 8),
        "widgets": host().widgets(user),
    }
