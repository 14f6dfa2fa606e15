"""What an event tells about an article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ArticleView:
    """What an event tells about an article: a copy, not the article."""

    id: int
    kind: str
    title: str
    url: str
    published: bool
    summary: str = ""
    updated: datetime | None = None
