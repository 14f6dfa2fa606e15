"""`portal reindex`: build the search index anew."""

from __future__ import annotations

import click

from portal.cli.context import portal_app
from portal.cli.progress import bar


@click.command()
def command() -> None:
    """重建搜索索引（在旁边建好再换上，期间照常可搜）。"""
    from portal.search import service as search

    with portal_app(), bar("重建索引") as progress:
        count = search.rebuild(progress)
    click.echo(f"索引里现在有 {count} 篇文章")
