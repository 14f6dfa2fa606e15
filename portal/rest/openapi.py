"""The description of the API (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from portal import __version__

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "title"],
            "properties": {
                "status": {"type": "integer"},
                "title": {"type": "string"},
                "code": {"type": "string"},
                "message": {"type": "string"},
                "remedy": {"type": "string"},
            },
        }
    },
}

_HIT: dict[str, Any] = {
    "type": "object",
    "required": [
        "id",
        "kind",
        "title",
        "url",
        "anchor",
        "heading",
        "snippet",
        "score",
        "source",
    ],
    "properties": {
        "id": {"type": "integer"},
        "kind": {"type": "string"},
        "title": {"type": "string"},
        "url": {"type": "string", "description": "Path of the article on this portal"},
        "anchor": {"type": "string", "description": "Fragment of the best section, or empty"},
        "heading": {"type": "string"},
        "snippet": {"type": "string", "description": "Escaped HTML with <mark> elements"},
        "score": {"type": "number"},
        "source": {
            "type": ["string", "null"],
            "description": "Path of the imported file, relative to the imported folder",
        },
    },
}

_SEARCH = {
    "type": "object",
    "required": ["query", "total", "took_ms", "hits", "facets", "did_you_mean", "shortcut"],
    "properties": {
        "query": {"type": "string"},
        "total": {"type": "integer"},
        "took_ms": {"type": "number"},
        "hits": {"type": "array", "items": {"$ref": "#/components/schemas/Hit"}},
        "facets": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {"type": "integer"},
            },
        },
        "did_you_mean": {"type": ["string", "null"]},
        "shortcut": {
            "type": ["object", "null"],
            "description": "Where the whole query leads at once; on the first page only",
            "required": ["title", "url", "note"],
            "properties": {
                "title": {"type": "string"},
                "url": {"type": "string", "description": "/… on this portal, or https://…"},
                "note": {"type": "string"},
            },
        },
    },
}

_SUGGESTIONS = {
    "type": "object",
    "required": ["suggestions"],
    "properties": {
        "suggestions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text", "url", "kind"],
                "properties": {
                    "text": {"type": "string"},
                    "url": {"type": "string"},
                    "kind": {"type": "string"},
                },
            },
        }
    },
}

_ARTICLE = {
    "type": "object",
    "required": ["id", "kind", "title", "summary", "url", "html", "tags", "updated", "revision"],
    "properties": {
        "id": {"type": "integer"},
        "kind": {"type": "string"},
        "title": {"type": "string"},
        "summary": {"type": "string"},
        "url": {"type": "string"},
        "html": {"type": "string", "description": "Sanitised HTML"},
        "markdown": {"type": "string"},
        "outline": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "level": {"type": "integer"},
                    "text": {"type": "string"},
                    "anchor": {"type": "string"},
                },
            },
        },
        "tags": {"type": "array", "items": {"type": "string"}},
        "fields": {"type": "object"},
        "updated": {"type": "string", "format": "date-time"},
        "revision": {"type": "integer"},
        "source": {"type": ["string", "null"]},
    },
}


def _query(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _answers(schema: str, *errors: int) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": {
            "description": "OK",
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        }
    }
    for status in errors:
        answers[str(status)] = {
            "description": {
                400: "A parameter cannot be read",
                401: "Reading needs an account; send a personal access token",
                404: "No such article for you",
            }[status],
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    return answers


def description(kinds: list[str]) -> dict[str, Any]:
    """The OpenAPI document; `kinds` are the article kinds of this portal."""
    text = {"type": "string"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "金石学堂 API",
            "version": __version__,
            "description": "Read and search what the asking person may read.",
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": {
            "/api/v1/search": {
                "get": {
                    "operationId": "search",
                    "summary": "Full-text search",
                    "parameters": [
                        _query("q", text, "The query; any text is allowed"),
                        _query("kind", text, f"Only this kind: {', '.join(kinds)}"),
                        _query(
                            "limit",
                            {"type": "integer", "minimum": 0, "maximum": 100, "default": 10},
                            "Hits in this answer",
                        ),
                        _query(
                            "offset",
                            {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0},
                            "Hits to skip",
                        ),
                    ],
                    "responses": _answers("Search", 400, 401),
                }
            },
            "/api/v1/suggest": {
                "get": {
                    "operationId": "suggest",
                    "summary": "Suggestions while typing",
                    "parameters": [_query("q", text, "What has been typed so far")],
                    "responses": _answers("Suggestions", 401),
                }
            },
            "/api/v1/articles/{id}": {
                "get": {
                    "operationId": "article",
                    "summary": "One published article",
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "integer"},
                        }
                    ],
                    "responses": _answers("Article", 401, 404),
                }
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Hit": _HIT,
                "Search": _SEARCH,
                "Suggestions": _SUGGESTIONS,
                "Article": _ARTICLE,
                "Error": _ERROR,
            },
        },
    }
