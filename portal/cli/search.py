"""`portal search`: the search of the portal, on the command line."""

from __future__ import annotations

import html
import json
import re

import click

from portal.cli.context import portal_app


@click.command()
@click.argument("query")
@click.option("--kind", default="", help="只搜这一类：faq、tutorial、manual、troubleshooting、case")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="与 /api/v1/search 相同的 JSON")
def command(query: str, kind: str, limit: int, as_json: bool) -> None:
    """搜索已发布的文章（以管理员的眼光：所有空间）。"""
    from portal.accounts.models import Role, User
    from portal.rest.views import hit_json, shortcut_json
    from portal.search import service as search

    with portal_app():
        # Whoever runs the command can read the database anyway.
        operator = User(id=0, name="portal", role=Role.ADMIN, active=True)
        answer = search.search(operator, query, kind=kind, limit=limit)
        if as_json:
            result = {
                "query": answer.query,
                "total": answer.total,
                "took_ms": answer.took_ms,
                "hits": [hit_json(hit) for hit in answer.hits],
                "facets": answer.facets,
                "did_you_mean": answer.did_you_mean,
                "shortcut": shortcut_json(answer.shortcut),
            }
            click.echo(json.dumps(result, ensure_ascii=False, indent=2))
            return
        if answer.problem:
            click.echo(str(answer.problem), err=True)
        if answer.shortcut:
            click.secho(f"直达：{answer.shortcut.title}", bold=True)
            click.echo(f"  {answer.shortcut.url}")
        if not answer.hits:
            near = f"是不是想找：{answer.did_you_mean}" if answer.did_you_mean else ""
            click.echo(f"没有找到。{near}")
        for hit in answer.hits:
            place = f" › {hit.heading}" if hit.heading else ""
            click.secho(f"{hit.title}{place}", bold=True)
            click.echo(f"  {hit.href}")
            click.echo("  " + html.unescape(re.sub(r"</?mark>", "", str(hit.snippet))))
