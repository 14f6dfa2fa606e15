"""The pages for plugin authors (``docs/plugins``), kept as manuals for those who are signed in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import select

from kb.importers.markdown_folder import rewrite
from kb.progress import Progress
from portal.db import db
from portal.importing.bringing import BUNDLED, import_path
from portal.importing.report import Report
from portal.library import service as library
from portal.library.models import Article

SOURCE = Path(__file__).parents[2] / "docs" / "plugins"
"""Beside the package ``portal``, in the source and in a wheel. Not imported as a package: others
ship a ``docs`` too."""
COLLECTION = "bundled:docs"
ARTICLES = "/content/"
"""How these pages link to bundled articles: from the root of the source, as code hosts do."""


def import_guide(progress: Progress | None = None) -> Report:
    """Bring in the pages; what was edited here since stays. Call it after `import_bundled`."""
    space = library.ensure_developer_space()
    urls = _addresses()
    with tempfile.TemporaryDirectory() as folder:
        for page in sorted(SOURCE.glob("*.md")):
            text = rewrite(page.read_text(encoding="utf-8"), lambda link: _address(link, urls))
            Path(folder, page.name).write_text(text, encoding="utf-8")
        return import_path(
            Path(folder),
            kind="manual",
            space=space.slug,
            publish=True,
            collection=COLLECTION,
            progress=progress,
        )


def _addresses() -> dict[str, str]:
    """File of a bundled article, as these pages name it → its address in the portal."""
    kinds = library.kinds()
    query = select(Article).where(Article.source_collection == BUNDLED)
    return {
        f"{ARTICLES}{article.source_path}": f"/{kinds[article.kind].prefix}/{article.slug}"
        for article in db.session.scalars(query)
        if article.kind in kinds
    }


def _address(link: str, urls: dict[str, str]) -> str | None:
    file, mark, anchor = link.partition("#")
    return f"{urls[file]}{mark}{anchor}" if file in urls else None
