"""Plugins that do their worst in every place a plugin has a say: name → source.

`builtins.gate` is an Event that the test opens at its end: what waits for it hangs.
"""

from __future__ import annotations

EVERYWHERE = """
import builtins, sys, threading
import markdown
from flask import Blueprint
from markdown.preprocessors import Preprocessor
from pydantic import BaseModel

def worst():
    {worst}

class Worst(Preprocessor):
    def run(self, lines):
        worst()
        return lines

class Extension(markdown.Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Worst(md), "worst_{name}", 100)

class Config(BaseModel):
    pass

class Reader:
    def check(self, ctx, config):
        worst()
    def discover(self, ctx, config):
        worst()
    def pull(self, ctx, config, entity, cursor):
        worst()

@hookimpl
def portal_markdown_extensions(ctx):
    yield MarkdownExtension(MarkupExtension("{name}", "1", Extension), "x")

@hookimpl
def portal_dashboard_widgets(ctx):
    yield DashboardWidget("{name}", "{name}", lambda ctx, viewer: worst())

@hookimpl
def portal_template_slots(ctx):
    for slot in SLOTS:
        yield TemplateSlot(slot.replace(".", "-"), slot, lambda ctx, viewer, subject: worst())

@hookimpl
def portal_blueprints(ctx):
    pages = Blueprint("pages", __name__)
    pages.add_url_rule("/", "index", lambda: worst())
    yield PluginBlueprint(pages, PUBLIC)

@hookimpl
def portal_report_blocks(ctx):
    yield ReportBlock("{name}", "{name}", lambda ctx, viewer: worst(), role="reader")

@hookimpl
def portal_health_signals(ctx):
    yield HealthSignal("{name}", "{name}", lambda ctx, project: worst())

@hookimpl
def portal_health_checks(ctx):
    yield HealthCheck("{name}", "{name}", lambda ctx: worst())

@hookimpl
def portal_workflow_step_kinds(ctx):
    yield WorkflowStepKind("{name}", "{name}", "x", Config, (Outcome("done", "x"),),
                           enter=lambda ctx, step: worst())

@hookimpl
def portal_erp_connectors(ctx):
    entity = Entity("e", "e", {{"a": "a"}})
    yield ConnectorKind("{name}", "{name}", "x", Config, (entity,), Reader())

@hookimpl
def portal_auth_providers(ctx):
    yield AuthProvider("{name}", "{name}", lambda ctx, name, password: worst())

@hookimpl
def portal_notification_channels(ctx):
    yield NotificationChannel("{name}", "{name}", lambda ctx, message: worst())

@hookimpl
def portal_scheduled_jobs(ctx):
    yield ScheduledJob("{name}", "{name}", lambda ctx: worst(), every_minutes=1, limit_seconds=1)

@hookimpl
def portal_importers(ctx):
    yield Importer("{name}", "{name}", (".{name}",), lambda ctx, path, into: worst())

@hookimpl
def portal_content_sources(ctx):
    yield ContentSource("{name}", "{name}", "x", lambda ctx, into: worst())

@hookimpl
def portal_resolve_shortcut(ctx, query):
    return worst()

@hookimpl
def portal_on_startup(ctx):
    worst()

@hookimpl
def portal_on_login(ctx, login):
    worst()

@hookimpl
def portal_on_content_changed(ctx, article):
    worst()

@hookimpl
def portal_on_project_created(ctx, project):
    worst()

@hookimpl
def portal_on_step_finished(ctx, step):
    worst()
"""

COLLECTING = """
import builtins, sys

def worst():
    {worst}

"""

HOOKS = """
markdown_extensions content_kinds content_sources importers search_engines project_templates
health_signals workflow_step_kinds erp_connectors navigation dashboard_widgets template_slots
permissions blueprints report_blocks auth_providers notification_channels cli_commands
scheduled_jobs health_checks
""".split()  # noqa: SIM905 - a table of words reads better as one

WORST = {
    # What each of them does wherever it is called.
    "hangs": "builtins.gate.wait()",
    "quits": "sys.exit(3)",
    "raises": "raise RuntimeError('<b>nope</b>')",
    "interrupts": "raise KeyboardInterrupt",
    "recurses": "worst()",
    "lies": "return {'not': 'what', 'was': 'promised'}",
    "floods": "return 'x' * 5_000_000",
    "prints": "print('HERE I AM'); print('{', file=sys.stdout); return None",
    "spawns": "import threading; threading.Thread(target=builtins.gate.wait).start()",
    "breaks_database": "from portal.db import db; from sqlalchemy import text;"
    " db.session.execute(text('SELECT nothing FROM nowhere'))",
}


def _collecting(worst: str) -> str:
    """Every collecting hook misbehaves by itself."""
    source = COLLECTING.format(worst=worst)
    for hook in HOOKS:
        source += f"@hookimpl\ndef portal_{hook}(ctx):\n    return worst()\n\n"
    return source


OTHERS = {
    "endless": "@hookimpl\ndef portal_navigation(ctx):\n"
    "    while True:\n        yield NavigationItem('a', 'a', '/a')\n",
    "late": "@hookimpl\ndef portal_navigation(ctx):\n"
    "    yield NavigationItem('late', 'x', '/faq/')\n    raise SystemExit\n",
    "misspelt": "@hookimpl\ndef portal_dashbord_widgets(ctx):\n    return []\n",
    "shadows": """
from flask import Blueprint

@hookimpl
def portal_content_kinds(ctx):
    return [ContentKind(name, "x", name, "x") for name in ("search", "admin", "x", "static", "faq")]

@hookimpl
def portal_blueprints(ctx):
    bp = Blueprint("admin", __name__, url_prefix="/admin")
    bp.add_url_rule("/", "index", lambda: "mine now")
    bp.before_app_request(lambda: "everything is mine")
    return [PluginBlueprint(bp, PUBLIC)]

@hookimpl
def portal_search_engines(ctx):
    return [SearchEngineKind("whoosh", "x", "x", lambda ctx, folder: None)]
""",
    "routes": """
from flask import current_app

@hookimpl
def portal_navigation(ctx):
    current_app.add_url_rule("/faq/mine", "mine", lambda: "mine")
    return []
""",
}

CHAOS: dict[str, str] = {
    **{name: EVERYWHERE.format(worst=worst, name=name) for name, worst in WORST.items()},
    **{f"collecting_{name}": _collecting(worst) for name, worst in WORST.items()},
    **OTHERS,
}
