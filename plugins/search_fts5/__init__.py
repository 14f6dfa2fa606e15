"""A search engine on SQLite."""
