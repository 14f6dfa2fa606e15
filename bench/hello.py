"""The least a Flask application can do: what ours is compared with, on the same server."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """One line."""
    return "<!doctype html><title>hello</title><p>hello"
