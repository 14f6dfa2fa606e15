"""The engine room: Markdown, Chinese text, search, importers; no Flask, SQLAlchemy or pluggy."""
