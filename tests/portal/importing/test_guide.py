"""The pages for plugin authors in the portal: for those who are signed in, not for visitors."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.db import db, write
from portal.importing import guide, service
from portal.importing.report import Outcome
from portal.library.models import Article, Space
from portal.search import service as search


@pytest.fixture
def manuals(app: Flask) -> Flask:
    """A portal with the bundled articles and the pages for plugin authors."""
    service.import_bundled()
    report = service.import_guide()
    assert report.exit_code == 0
    search.catch_up()
    return app


def urls(client: FlaskClient, text: str) -> list[str]:
    answer = client.get("/api/v1/search", query_string={"q": text, "limit": 10}).get_json()
    return [hit["url"] for hit in answer["hits"]]


def test_a_reader_finds_template_slots_and_opens_the_page(
    manuals: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    reader = login_as("reader")
    found = urls(reader, "template slots")
    assert "/manuals/plugins/hooks" in found
    assert "/manuals/plugins/widget" in found
    page = reader.get("/manuals/plugins/hooks").text
    assert "article.end" in page and "portal_template_slots" in page


def test_a_visitor_finds_and_sees_nothing_of_them(manuals: Flask, client: FlaskClient) -> None:
    assert [url for url in urls(client, "template slots") if "/plugins" in url] == []
    # To a visitor it is as if there were no such page.
    for path in ("/manuals/plugins", "/manuals/plugins/hooks"):
        assert client.get(path).status_code == client.get("/manuals/plugins/none").status_code
    assert "Writing plugins" not in client.get("/manuals/").text


def test_every_link_leads_somewhere(manuals: Flask, login_as: Callable[..., FlaskClient]) -> None:
    reader = login_as("reader")
    pages = db.session.query(Article).filter_by(source_collection=guide.COLLECTION)
    links = set()
    for article in pages:
        page = reader.get(f"/manuals/{article.slug}").text
        body = page.partition("<article")[2].partition("</article>")[0]
        assert body
        links |= set(re.findall(r'href="(/[^"#]*)', body))
    assert "/manuals/admin-guide" in links and "/manuals/plugins/hooks" in links
    assert {link: reader.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_again_changes_nothing_and_an_administrators_readers_stay(manuals: Flask) -> None:
    space = db.session.query(Space).filter_by(slug="developers").one()
    assert (space.public, [grant.role for grant in space.readers]) == (False, ["reader"])
    with write():
        space.name = "开发者"
        space.readers.clear()
    report = service.import_guide()
    assert report.counts()[Outcome.UNCHANGED] == len(report.pages) > 15
    again = db.session.query(Space).filter_by(slug="developers").one()
    assert (again.name, again.readers) == ("开发者", [])
