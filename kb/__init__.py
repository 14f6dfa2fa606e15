"""The engine room: Markdown, Chinese text, search and importers, without Flask, SQLAlchemy or pluggy."""
