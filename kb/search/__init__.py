"""Search: what goes in and what comes out.

Engines are imported from their own modules (`kb.search.whoosh_engine`): they are heavy, and most of
what handles queries and hits needs none.
"""

from kb.search.model import (
    Hit,
    IndexStats,
    IndexUnavailable,
    IndexWriter,
    Query,
    Results,
    SearchDocument,
    SearchEngine,
    Suggestion,
    fingerprint,
)
from kb.search.query import parse_query

__all__ = [
    "Hit",
    "IndexStats",
    "IndexUnavailable",
    "IndexWriter",
    "Query",
    "Results",
    "SearchDocument",
    "SearchEngine",
    "Suggestion",
    "fingerprint",
    "parse_query",
]
