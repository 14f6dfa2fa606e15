"""Search: what goes in, what comes out, and the embedded engine."""

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
from kb.search.packing import Boosts
from kb.search.query import parse_query
from kb.search.whoosh_engine import WhooshEngine

__all__ = [
    "Boosts",
    "Hit",
    "IndexStats",
    "IndexUnavailable",
    "IndexWriter",
    "Query",
    "Results",
    "SearchDocument",
    "SearchEngine",
    "Suggestion",
    "WhooshEngine",
    "fingerprint",
    "parse_query",
]
