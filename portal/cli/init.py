"""`portal init`: make the home ready. Running it again changes nothing that is there."""

from __future__ import annotations

import click

from portal.settings import load


@click.command()
@click.option("--content/--no-content", default=True, help="载入随附的文章（默认载入）")
def command(content: bool) -> None:
    """建好数据库，载入随附内容，建立搜索索引。可以重复运行。"""
    from portal import migrate
    from portal.cli.context import portal_app
    from portal.cli.progress import bar
    from portal.importing import service as importing
    from portal.library import service as library
    from portal.search import service as search

    settings = load()
    settings.home.mkdir(parents=True, exist_ok=True)
    with portal_app(check_database=False, lenient=True):
        problem = migrate.state()
        if problem is not None:
            click.echo("建立或更新数据库…")
            migrate.upgrade()
        library.ensure_public_space()
        if content:
            # The guide for plugin authors first: what is newest for everybody comes after it.
            with bar("载入插件开发手册") as progress:
                report = importing.import_guide(progress)
            click.echo(f"插件开发手册：{report.summary()}")
            with bar("载入内容") as progress:
                report = importing.import_bundled(progress)
            click.echo(report.summary())
        changed = search.catch_up()
        if changed:
            click.echo(f"搜索索引：更新了 {changed} 篇")
    click.echo(f"准备好了：{settings.home}")
