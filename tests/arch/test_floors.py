"""Imports go down, never up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.arch import floors, rooms
from tests.arch.sources import Source, python

Rule = Callable[[Source], Iterator[str]]

RULES: list[tuple[Rule, str]] = [
    (floors.kb_looks_up, "kb"),
    (floors.portal_knows_plugins, "portal"),
    (floors.plugin_reaches_in, "plugins"),
    (floors.foundation_knows_rooms, "portal"),
    (rooms.climbs, "portal"),
    (rooms.through_the_wall, "portal"),
    (rooms.view_touches_database, "portal"),
    (rooms.service_reads_request, "portal"),
]

BAD: list[tuple[Rule, str, str]] = [
    (floors.kb_looks_up, "kb/text/x.py", "from portal.db import db"),
    (floors.kb_looks_up, "kb/x.py", "def f():\n    import sqlalchemy.orm"),
    (floors.kb_looks_up, "kb/x.py", "import flask as f"),
    (floors.portal_knows_plugins, "portal/factory.py", "import plugins.sample"),
    (floors.portal_knows_plugins, "portal/x.py", "import_module('plugins.sample.plugin')"),
    (floors.plugin_reaches_in, "plugins/sample/x.py", "from portal.db import write"),
    (floors.plugin_reaches_in, "plugins/sample/x.py", "import portal"),
    (floors.plugin_reaches_in, "plugins/sample/x.py", "from plugins.other import y"),
    (floors.plugin_reaches_in, "plugins/sample/x.py", "from plugins.sample_two import y"),
    (floors.plugin_reaches_in, "plugins/sample/x.py", "from kb.text._tables import T"),
    (floors.foundation_knows_rooms, "portal/i18n.py", "from portal.library import service"),
    (floors.foundation_knows_rooms, "portal/ui/x.py", "import portal.accounts.identity"),
    (rooms.climbs, "portal/accounts/x.py", "from portal.library import service"),
    (rooms.climbs, "portal/library/x.py", "from portal import search"),
    (rooms.climbs, "portal/library/x.py", "from ..rest import service"),
    (rooms.through_the_wall, "portal/search/x.py", "from portal.library.outbox import drain"),
    (rooms.through_the_wall, "portal/search/x.py", "from portal.library import rendering"),
    (rooms.through_the_wall, "portal/cli/x.py", "from portal.rest.views import hit_json"),
    (rooms.view_touches_database, "portal/home/views.py", "from portal.db import write"),
    (rooms.view_touches_database, "portal/home/views.py", "from portal.extensions import db"),
    (rooms.view_touches_database, "portal/home/page_views.py", "from sqlalchemy import select"),
    (rooms.view_touches_database, "portal/home/views.py", "import x\nx = db.session.get(y)"),
    (
        rooms.view_touches_database,
        "portal/home/x.py",
        "import sqlalchemy\n@bp.get('/')\ndef f(): 1",
    ),
    (rooms.service_reads_request, "portal/home/service.py", "from flask import request"),
    (rooms.service_reads_request, "portal/home/cards.py", "from flask_login import current_user"),
    (rooms.service_reads_request, "portal/home/service.py", "import flask\nflask.request.args"),
]

GOOD: list[tuple[Rule, str, str]] = [
    (floors.kb_looks_up, "kb/search/x.py", "import whoosh\nfrom kb.text import fold"),
    (floors.plugin_reaches_in, "plugins/sample/x.py", "from portal.api import hookimpl"),
    (floors.plugin_reaches_in, "plugins/sample/x.py", "from plugins.sample import y\nimport csv"),
    (floors.foundation_knows_rooms, "portal/factory.py", "from portal.accounts import views"),
    (rooms.climbs, "portal/search/x.py", "from portal.library import service as library"),
    (rooms.through_the_wall, "portal/search/x.py", "from portal.library.models import Article"),
    (rooms.through_the_wall, "portal/search/x.py", "from portal.accounts.identity import asking"),
    (rooms.view_touches_database, "portal/home/views.py", "from portal.home import service"),
    (rooms.service_reads_request, "portal/home/views.py", "from flask import request"),
    (rooms.service_reads_request, "portal/home/service.py", "from flask import current_app"),
]


def named(value: object) -> str:
    return getattr(value, "__name__", "") or str(value).replace("\n", " ")


@pytest.mark.parametrize(("rule", "below"), RULES, ids=named)
def test_the_house_keeps(rule: Rule, below: str) -> None:
    sources = list(python(below))
    assert sources
    findings = [finding for source in sources for finding in rule(source)]
    assert not findings, "\n" + "\n".join(findings)


@pytest.mark.parametrize(("rule", "path", "text"), BAD, ids=named)
def test_a_breach_is_seen(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), GOOD, ids=named)
def test_what_is_allowed_passes(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text))) == []


def test_every_rule_is_shown_a_breach() -> None:
    assert {rule for rule, _path, _text in BAD} == {rule for rule, _below in RULES}
