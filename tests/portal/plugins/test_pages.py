"""A plugin's own pages, templates and files: shut by default, kept apart, failing alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.db import write
from portal.plugin_host import host, settings_page
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

Write = Callable[..., Path]

PAGES = """
import sys
from flask import Blueprint, abort, redirect, request, url_for

def pages(ctx):
    bp = Blueprint("pages", __name__)

    @bp.get("/")
    def index():
        return f"<p>hello {{ctx.viewer().name}} {{url_for('.entry', number=3, _anchor='x')}}</p>"

    @bp.get("/entries/<int:number>")
    def entry(number):
        return {{"number": number, "blueprint": request.blueprint}}

    @bp.post("/entries/")
    def add():
        return redirect(url_for(".entry", number=4))

    @bp.get("/folder/")
    def folder():
        return "folder"

    @bp.get("/secret")
    def secret():
        if not ctx.may("write"):
            abort(404)
        return "written"

    {extra}
    return bp

@hookimpl
def portal_permissions(ctx):
    return [Permission("read", "看", role="reader"), Permission("write", "写", role="pmso")]

@hookimpl
def portal_blueprints(ctx):
    return [PluginBlueprint(pages(ctx), {permission})]
"""


def source(permission: str = "'read'", extra: str = "") -> str:
    return PAGES.format(permission=permission, extra=extra)


def sign_in(app: Flask, role: Role) -> FlaskClient:
    with app.app_context():
        with write() as session:
            user = User(name=f"{role.value}1", display_name=role.value, role=role)
            session.add(user)
        token = accounts.open_session(user.id, address="", agent="")
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client


def test_pages_are_shut_to_visitors_and_open_with_the_permission(
    write_plugin: Write, load: Load
) -> None:
    write_plugin("book", source())
    app = load()
    answer = app.test_client().get("/x/book/")
    assert answer.status_code == 302 and "/login?next=" in answer.headers["Location"]
    reader = sign_in(app, Role.READER)
    page = reader.get("/x/book/")
    assert page.status_code == 200
    assert "hello reader1 /x/book/entries/3#x" in page.get_data(as_text=True)
    assert page.headers["Content-Security-Policy"]
    assert reader.get("/x/book/entries/7").json == {"number": 7, "blueprint": "x-book-pages"}
    assert reader.get("/x/book/secret").status_code == 404
    assert sign_in(app, Role.PMSO).get("/x/book/secret").get_data() == b"written"


def test_routing_inside_the_plugin(write_plugin: Write, load: Load) -> None:
    write_plugin("book", source("PUBLIC"))
    client = load().test_client()
    assert client.get("/x/book/entries/none").status_code == 404
    assert client.delete("/x/book/entries/7").status_code == 405
    assert client.get("/x/book/folder").headers["Location"].endswith("/x/book/folder/")
    assert client.post("/x/book/entries/").headers["Location"] == "/x/book/entries/4"
    assert client.get("/x/nobody/").status_code == 404


def test_a_form_without_its_token_is_refused(write_plugin: Write, load: Load) -> None:
    write_plugin("book", source("PUBLIC"))
    app = load()
    app.config["WTF_CSRF_ENABLED"] = True
    assert app.test_client().post("/x/book/entries/").status_code == 400


@pytest.mark.parametrize(
    ("permission", "says"),
    [("''", "permission is missing"), ("None", "permission"), ("'unheard'", "没有登记")],
)
def test_without_a_permission_nobody_gets_in(
    permission: str, says: str, write_plugin: Write, load: Load
) -> None:
    write_plugin("book", source(permission))
    app = load()
    admin = sign_in(app, Role.ADMIN)
    assert admin.get("/x/book/").status_code == 404
    with app.app_context():
        host().collect_all()
        plugin = host().plugin("book")
        assert plugin is not None and plugin.problem is not None
        assert says in plugin.problem.text()


def test_an_administrator_chooses_who_may(write_plugin: Write, load: Load) -> None:
    write_plugin("book", source())
    app = load()
    reader, admin = sign_in(app, Role.READER), sign_in(app, Role.ADMIN)
    assert reader.get("/x/book/").status_code == 200
    form = {"read": "pmso", "write": "nobody"}
    assert admin.post("/admin/plugins/book/rights", data=form).status_code == 302
    assert reader.get("/x/book/").status_code == 404
    assert admin.get("/x/book/").status_code == 200
    page = admin.get("/admin/plugins/book").get_data(as_text=True)
    assert '<option value="pmso" selected' in page


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("sys.exit(3)", "sys.exit(3)"),
        ("return None", "TypeError"),
        ("return 12", "TypeError"),
        ("return ctx.render('nowhere.html')", "TemplateNotFound"),
        ("from portal.db import db; db.session.execute('x')", "Error"),
    ],
)
def test_a_page_that_fails_says_which_plugin_and_the_rest_is_fine(
    body: str, says: str, write_plugin: Write, load: Load
) -> None:
    write_plugin(
        "book",
        source("PUBLIC", "bp.add_url_rule('/bad', 'bad', lambda: bad(ctx))")
        + f"\ndef bad(ctx):\n    {body}\n",
    )
    app = load()
    client = app.test_client()
    answer = client.get("/x/book/bad")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "试验 book" in page and "编号" in page and says not in page
    assert client.get("/").status_code == 200 and client.get("/x/book/").status_code == 200
    with app.app_context():
        plugin = host().plugin("book")
        assert plugin is not None and plugin.state is State.DEGRADED
        assert says in plugin.failures[0].problem.text()


def test_a_stream_that_breaks_off_ends_and_is_kept(write_plugin: Write, load: Load) -> None:
    write_plugin(
        "book",
        source("PUBLIC", "bp.add_url_rule('/bad', 'bad', lambda: bad())")
        + "\ndef bad():\n    def parts():\n        yield 'one'\n        1 / 0\n"
        "    return parts()\n",
    )
    app = load()
    assert app.test_client().get("/x/book/bad").get_data() == b"one"
    with app.app_context():
        plugin = host().plugin("book")
        assert plugin is not None and plugin.failure_count == 1


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ("bp.before_app_request(lambda: 'taken')", "before_app_request"),
        ("bp.after_app_request(lambda r: r)", "after_app_request"),
        ("bp.app_errorhandler(404)(lambda e: 'mine')", "app_errorhandler"),
        ("bp.app_context_processor(lambda: {{}})", "app_context_processor"),
        ("bp.app_template_global('kinds')(lambda: [])", "app_template_global"),
        ("bp.app_template_filter('t')(lambda x: x)", "app_template_filter"),
        ("bp.add_url_rule('/', 'again', lambda: 'x')", "answered by two views"),
        ("bp.add_url_rule('/static/x', 'file', lambda: 'x')", "static"),
        ("bp.url_prefix = '/faq'", "/faq"),
        ("bp.subdomain = 'x'", "subdomain"),
        ("bp.template_folder = '.'", "ctx.render"),
        ("bp.add_url_rule('/<nonsense:x>', 'odd', lambda x: 'x')", "nonsense"),
    ],
)
def test_what_reaches_beyond_its_pages_is_refused_and_named(
    extra: str, says: str, write_plugin: Write, load: Load
) -> None:
    write_plugin("book", source("PUBLIC", extra.replace("{{}}", "{}")))
    app = load()
    client = app.test_client()
    assert client.get("/x/book/").status_code == 404
    assert client.get("/faq/").status_code == 200
    assert "缺字" in client.get("/nothing-here").get_data(as_text=True)
    with app.app_context():
        plugin = host().plugin("book")
        assert plugin is not None and plugin.problem is not None
        assert says in plugin.problem.text() + plugin.failures[0].traceback


def test_before_after_and_error_handlers_of_the_blueprint_itself(
    write_plugin: Write, load: Load
) -> None:
    extra = """
    bp.before_request(lambda: "early" if request.args.get("early") else None)
    @bp.after_request
    def mark(response):
        response.headers["X-Book"] = "1"
        return response
    @bp.errorhandler(KeyError)
    def missing(error):
        return f"no {error.args[0]}", 410
    @bp.get("/lost")
    def lost():
        return {}["page"]
    """
    write_plugin(
        "book",
        source("PUBLIC", extra.replace("{", "{{").replace("}", "}}").strip())
        .replace("{{", "{")
        .replace("}}", "}"),
    )
    client = load().test_client()
    assert client.get("/x/book/?early=1").get_data() == b"early"
    assert client.get("/x/book/").headers["X-Book"] == "1"
    lost = client.get("/x/book/lost")
    assert (lost.status_code, lost.get_data()) == (410, b"no page")
    assert "X-Book" not in client.get("/faq/").headers


def test_switching_on_and_off_while_the_portal_runs(write_plugin: Write, load: Load) -> None:
    write_plugin("book", source("PUBLIC"))
    one, other = load(plugins_disabled=("book",)), load(plugins_disabled=("book",))
    for app in (one, other):
        assert app.test_client().get("/x/book/").status_code == 404
    with one.app_context():
        plugin = host().plugin("book")
        assert plugin is not None
        settings_page.switch(None, plugin, enabled=True)
    for app in (one, other):
        assert app.test_client().get("/x/book/").status_code == 200
    with other.app_context():
        plugin = host().plugin("book")
        assert plugin is not None
        settings_page.switch(None, plugin, enabled=False)
    for app in (one, other):
        assert app.test_client().get("/x/book/").status_code == 404


def test_templates_and_files_live_under_the_plugins_own_prefix(
    tmp_path: Path, write_plugin: Write, load: Load
) -> None:
    path = write_plugin(
        "book",
        """
        from flask import Blueprint
        from portal.api import *
        manifest = PluginManifest(name="book", title="书", templates="pages", static="files")

        @hookimpl
        def portal_blueprints(ctx):
            bp = Blueprint("pages", __name__)
            bp.add_url_rule("/", "index", lambda: ctx.render("base.html", word="<b>"))
            return [PluginBlueprint(bp, PUBLIC)]
        """,
        bare=True,
    )
    (path.parent / "pages").mkdir()
    (path.parent / "pages" / "base.html").write_text(
        '{% extends "base.html" %}{% block main %}mine {{ word }}{% endblock %}', "utf-8"
    )
    (path.parent / "files").mkdir()
    (path.parent / "files" / "book.css").write_text("p{}", "utf-8")
    app = load()
    client = app.test_client()
    page = client.get("/x/book/").get_data(as_text=True)
    # The plugin's base.html is its own; the one it extends is the portal's.
    assert "mine &lt;b&gt;" in page and "kinds-nav" in page
    assert "mine" not in client.get("/").get_data(as_text=True)
    with app.app_context():
        plugin = host().plugin("book")
        assert plugin is not None and plugin.ctx is not None
        url = plugin.ctx.asset("book.css")
    assert "?v=" in url
    with client.get(url) as file:
        assert file.get_data() == b"p{}"
    assert client.get("/x/book/static/../plugin.py").status_code == 404
    assert client.get("/x/nobody/static/book.css").status_code == 404
