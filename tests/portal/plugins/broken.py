"""Plugins that are broken in every way we could think of: name, source, and what must be said."""

from __future__ import annotations

from dataclasses import dataclass

from portal.api import API_VERSION
from portal.plugin_host.states import State


@dataclass(frozen=True)
class Broken:
    """One broken plugin. `says`: words that must be in its reason or next step."""

    name: str
    source: str
    state: State
    says: tuple[str, ...]
    bare: bool = False
    code: str = "JS-4001"


AT_LOAD = (
    Broken(
        "bad_import",
        "import no_such_module_anywhere",
        State.FAILED,
        ("no_such_module_anywhere", "安装"),
    ),
    Broken("bad_syntax", "def broken(:\n    pass", State.FAILED, ("语法", "行")),
    Broken("bad_exit", "import sys\nsys.exit(3)", State.FAILED, ("sys.exit", "拦下")),
    Broken("bad_raise", "1 / 0", State.FAILED, ("ZeroDivisionError",)),
    Broken("no_manifest", "x = 1", State.FAILED, ("manifest",), bare=True),
    Broken("wrong_manifest", 'manifest = {"name": "x"}', State.FAILED, ("manifest",), bare=True),
    Broken(
        "other_name",
        'from portal.api import *\nmanifest = PluginManifest(name="somebody", title="x")',
        State.FAILED,
        ("name", "other_name"),
        bare=True,
    ),
    Broken(
        "no_title",
        'from portal.api import *\nmanifest = PluginManifest(name="no_title", title=" ")',
        State.FAILED,
        ("title",),
        bare=True,
    ),
    Broken(
        "too_new",
        "from portal.api import *\n"
        'manifest = PluginManifest(name="too_new", title="x", requires_api=">=9")',
        State.INCOMPATIBLE,
        (">=9", API_VERSION),
        bare=True,
    ),
    Broken(
        "bad_range",
        "from portal.api import *\n"
        'manifest = PluginManifest(name="bad_range", title="x", requires_api="newest")',
        State.FAILED,
        ("requires_api", "newest"),
        bare=True,
    ),
    Broken(
        "no_model",
        "from portal.api import *\n"
        'manifest = PluginManifest(name="no_model", title="x", config=dict)',
        State.FAILED,
        ("config", "BaseModel"),
        bare=True,
    ),
    Broken(
        "nasty_settings",
        "from pydantic import BaseModel\nfrom portal.api import *\n"
        "class Config(BaseModel):\n    def __repr__(self):\n        raise ValueError('no repr')\n"
        'manifest = PluginManifest(name="nasty_settings", title="x", config=Config)',
        State.FAILED,
        ("no repr",),
        bare=True,
    ),
    Broken(
        "nasty_module",
        "def __getattr__(name):\n    raise RuntimeError('nothing here')",
        State.FAILED,
        ("nothing here",),
        bare=True,
    ),
    Broken(
        "needs_config",
        "from pydantic import BaseModel, Field\n"
        "from portal.api import *\n"
        "class Config(BaseModel):\n"
        '    server: str = Field(title="服务器")\n'
        'manifest = PluginManifest(name="needs_config", title="x", config=Config)',
        State.MISCONFIGURED,
        ("server", "必须填写"),
        bare=True,
        code="JS-4002",
    ),
    Broken(
        "misspelt",
        "@hookimpl\ndef portal_content_kind(ctx):\n    return []",
        State.FAILED,
        ("portal_content_kind", "portal_content_kinds"),
    ),
    Broken(
        "undecorated",
        "def portal_content_kinds(ctx):\n    return []",
        State.FAILED,
        ("portal_content_kinds", "@hookimpl"),
    ),
    Broken(
        "wrong_arguments",
        "@hookimpl\ndef portal_content_kinds(ctx, colour):\n    return []",
        State.FAILED,
        ("colour",),
    ),
    Broken(
        "wrapper",
        "@hookimpl(wrapper=True)\ndef portal_content_kinds(ctx):\n    return (yield)",
        State.FAILED,
        ("wrapper",),
    ),
    Broken(
        "first",
        "@hookimpl(tryfirst=True)\ndef portal_content_kinds(ctx):\n    return []",
        State.FAILED,
        ("tryfirst",),
    ),
)

AT_COLLECTING = (
    Broken(
        "hook_raises",
        "@hookimpl\ndef portal_content_kinds(ctx):\n    raise RuntimeError('nope')",
        State.DEGRADED,
        ("portal_content_kinds", "nope"),
    ),
    Broken(
        "hook_exits",
        "@hookimpl\ndef portal_navigation(ctx):\n    raise SystemExit(1)",
        State.DEGRADED,
        ("portal_navigation", "sys.exit"),
    ),
    Broken(
        "late_generator",
        "@hookimpl\ndef portal_project_templates(ctx):\n"
        "    yield from ()\n    raise KeyError('late')",
        State.DEGRADED,
        ("portal_project_templates", "late"),
    ),
    Broken(
        "wrong_type",
        "@hookimpl\ndef portal_workflow_step_kinds(ctx):\n    return [{'name': 'x'}]",
        State.DEGRADED,
        ("dict", "WorkflowStepKind"),
    ),
    Broken(
        "returns_text",
        "@hookimpl\ndef portal_navigation(ctx):\n    return 'menu'",
        State.DEGRADED,
        ("str",),
    ),
    Broken(
        "returns_nothing",
        "@hookimpl\ndef portal_navigation(ctx):\n    pass",
        State.DEGRADED,
        ("NoneType",),
    ),
    Broken(
        "wrong_field",
        "@hookimpl\ndef portal_navigation(ctx):\n    return [NavigationItem('a', 12, '/faq/')]",
        State.DEGRADED,
        ("label", "int"),
    ),
    Broken(
        "wrong_order",
        "@hookimpl\ndef portal_navigation(ctx):\n"
        "    return [NavigationItem('a', 'x', '/faq/', order='first')]",
        State.DEGRADED,
        ("order",),
    ),
    Broken(
        "wrong_role",
        "@hookimpl\ndef portal_navigation(ctx):\n"
        "    return [NavigationItem('a', 'x', '/faq/', role='king')]",
        State.DEGRADED,
        ("king",),
    ),
    Broken(
        "script_link",
        "@hookimpl\ndef portal_navigation(ctx):\n"
        "    return [NavigationItem('a', 'x', 'javascript:alert(1)')]",
        State.DEGRADED,
        ("javascript:alert(1)",),
    ),
    Broken(
        "takes_core_kind",
        "@hookimpl\ndef portal_content_kinds(ctx):\n"
        "    return [ContentKind('faq', 'x', 'other', 'x')]",
        State.DEGRADED,
        ("faq", "门户自带"),
    ),
    Broken(
        "takes_core_address",
        "@hookimpl\ndef portal_content_kinds(ctx):\n"
        "    return [ContentKind('steps2', 'x', 'steps', 'x')]",
        State.DEGRADED,
        ("/steps/",),
    ),
    Broken(
        "bad_template",
        "@hookimpl\ndef portal_project_templates(ctx):\n"
        "    return [ProjectTemplate('t', 'x', 'x', (TemplatePhase('1', 'p'),),\n"
        "            (TemplateTask('1.1', 'a', after=('1.9',)),))]",
        State.DEGRADED,
        ("1.9",),
    ),
    Broken(
        "bad_example",
        "from pydantic import BaseModel\n"
        "class Config(BaseModel):\n    hours: int\n"
        "@hookimpl\ndef portal_workflow_step_kinds(ctx):\n"
        "    return [WorkflowStepKind('s', 'x', 'x', Config, (Outcome('o', 'o'),))]",
        State.DEGRADED,
        ("hours",),
    ),
    Broken(
        "secret_in_step",
        "from pydantic import BaseModel, SecretStr\n"
        "class Config(BaseModel):\n    token: SecretStr = SecretStr('')\n"
        "@hookimpl\ndef portal_workflow_step_kinds(ctx):\n"
        "    return [WorkflowStepKind('s', 'x', 'x', Config, (Outcome('o', 'o'),))]",
        State.DEGRADED,
        ("keeps no secrets",),
    ),
    Broken(
        "no_pull",
        "from pydantic import BaseModel\n"
        "class Half:\n    def check(self, ctx, config):\n        return CheckResult()\n"
        "@hookimpl\ndef portal_erp_connectors(ctx):\n"
        "    return [ConnectorKind('c', 'x', 'x', BaseModel, (), Half())]",
        State.DEGRADED,
        ("discover",),
    ),
    Broken(
        "nasty_error",
        "class Nasty(Exception):\n    def __str__(self):\n        raise ValueError('again')\n"
        "@hookimpl\ndef portal_navigation(ctx):\n    raise Nasty()",
        State.DEGRADED,
        ("Nasty",),
    ),
)

ALL = AT_LOAD + AT_COLLECTING
