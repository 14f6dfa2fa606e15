"""问答表: a CSV of questions and answers becomes one FAQ page per row."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from plugins.import_table.pages import write_pages
from plugins.import_table.reading import read_table
from portal.api import N_, Importer, PluginContext, PluginManifest, Problem, hookimpl

manifest = PluginManifest(
    name="import_table",
    title=N_("导入：问答表"),
    summary=N_("把 CSV 问答表导入成常见问题，一行一篇"),
    category="content",
)


def convert(ctx: PluginContext, path: Path, into: Path) -> Iterable[Problem]:
    """One page in `into` for each row of the table at `path`. Raises ProblemError JS-2007."""
    table = read_table(path)
    return [*table.problems, *write_pages(table, into)]


@hookimpl
def portal_importers(ctx: PluginContext) -> list[Importer]:
    """For ``.csv`` and ``.tsv``."""
    return [Importer("faq-table", N_("CSV 问答表"), (".csv", ".tsv"), convert, kind="faq")]
