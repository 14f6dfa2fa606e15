"""The generated parts of the pages for plugin authors: hooks, types, settings."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from docs.contract import default_of, signature
from portal import api, hookspecs
from portal.plugin_host.collecting import HOOKS
from portal.plugin_host.discovery import BUNDLED
from portal.plugin_host.forms import form_fields
from portal.plugin_host.registering import hook_names
from portal.settings import Settings

FIRST = "1.0"
SINCE = {
    # Hook → the API version that brought it, where that is not the first.
    **dict.fromkeys(
        (
            "portal_content_sources",
            "portal_importers",
            "portal_search_engines",
            "portal_resolve_shortcut",
            "portal_health_signals",
            "portal_template_slots",
            "portal_permissions",
            "portal_blueprints",
            "portal_report_blocks",
            "portal_auth_providers",
            "portal_notification_channels",
            "portal_scheduled_jobs",
            "portal_health_checks",
            "portal_on_project_created",
            "portal_on_step_finished",
            "portal_on_login",
        ),
        "1.1",
    )
}

HOW_TO = {
    # Hook → the page that shows how.
    "portal_project_templates": "template.md",
    "portal_workflow_step_kinds": "step.md",
    "portal_erp_connectors": "connector.md",
    "portal_content_kinds": "content-kind.md",
    "portal_markdown_extensions": "markdown-extension.md",
    "portal_dashboard_widgets": "widget.md",
    "portal_template_slots": "widget.md",
    "portal_importers": "importer.md",
    "portal_search_engines": "search-engine.md",
    "portal_auth_providers": "auth-provider.md",
    "portal_permissions": "pages.md",
    "portal_blueprints": "pages.md",
}

GROUPS = {
    # First hook of a group → the heading above it.
    "portal_markdown_extensions": "Content",
    "portal_project_templates": "Projects, flows, other systems",
    "portal_navigation": "Pages",
    "portal_auth_providers": "People",
    "portal_cli_commands": "Behind the pages",
    "portal_on_startup": "Events",
}


def hooks() -> str:
    """Every hook, in the groups and the order of `portal.hookspecs`."""
    lines: list[str] = []
    used = users()
    for name in hook_names():
        if name in GROUPS:
            lines += [f"## {GROUPS[name]}", ""]
        lines += [*_hook(name, used.get(name, [])), ""]
    return "\n".join(lines)


def users() -> dict[str, list[str]]:
    """Hook → the bundled plugins that implement it."""
    found: dict[str, list[str]] = {}
    for name, module in bundled():
        for hook in set(dir(module)).intersection(hook_names()):
            found.setdefault(hook, []).append(name)
    return found


def bundled() -> Iterator[tuple[str, ModuleType]]:
    """Name and module of every bundled plugin, in order of name."""
    for dotted in sorted(BUNDLED):
        yield dotted.split(".")[-2], importlib.import_module(dotted)


def _hook(name: str, used: list[str]) -> Iterator[str]:
    specification = getattr(hookspecs, name)
    words, _, example = inspect.cleandoc(specification.__doc__).partition("::\n")
    yield f"### {name}"
    yield ""
    yield from ("```python", f"{name}{signature(specification)}", "```", "")
    yield _plain(words.rstrip(" :")) + ("" if words.rstrip().endswith(".") else ".")
    yield ""
    if example.strip():
        yield from ("```python", textwrap.dedent(example).strip("\n"), "```", "")
    facts = [f"Kind: {kind_of(name)}.", f"Since API {SINCE.get(name, FIRST)}."]
    if name in HOOKS:
        facts.insert(1, f"Collects {_type(HOOKS[name].accepts.__name__)}.")
        if HOOKS[name].per_plugin:
            facts.append("Names must differ within the plugin only.")
    facts.append(f"Used by {', '.join(f'`{one}`' for one in used) or 'no bundled plugin'}.")
    if name in HOW_TO:
        facts.append(f"How-to: [{HOW_TO[name]}]({HOW_TO[name]}).")
    yield " ".join(facts)


def kind_of(hook: str) -> str:
    """Which of the three kinds a hook is."""
    if hook.startswith("portal_on_"):
        return "event"
    return "resolving" if hook.startswith("portal_resolve_") else "collecting"


def types() -> str:
    """Every dataclass of `portal.api` with its fields."""
    lines: list[str] = []
    for name in sorted(api.__all__):
        value = getattr(api, name)
        if inspect.isclass(value) and dataclasses.is_dataclass(value):
            lines += [*_described(name, value), ""]
    return "\n".join(lines)


def _described(name: str, cls: Any) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    yield _plain(inspect.cleandoc(cls.__doc__ or ""))
    yield ""
    notes = notes_in(cls)
    yield from ("| field | type | default | |", "|---|---|---|---|")
    for field in dataclasses.fields(cls):
        default = default_of(field).removeprefix(" = ")
        cells = [f"`{field.name}`", _code(str(field.type)), _code(default), notes.get(field.name)]
        yield f"| {' | '.join(_cell(cell or '') for cell in cells)} |"


def notes_in(cls: type) -> dict[str, str]:
    """Field → the string written below it in the class."""
    found: dict[str, str] = {}
    [made] = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    body = made.body if isinstance(made, ast.ClassDef) else []
    for before, after in itertools.pairwise(body):
        match before, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=text)):
                found[name] = _plain(inspect.cleandoc(str(text)))
    return found


def slots() -> str:
    """The places in the portal's pages."""
    rows = [f"| `{slot}` | {_type(subject)} |" for slot, subject in api.SLOTS.items()]
    return "\n".join(["| slot | `subject` is |", "|---|---|", *rows])


def settings() -> str:
    """The settings of the portal that concern plugins."""
    notes = notes_in(Settings)
    lines = ["| `portal.toml` | environment | default | |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        if name.startswith("plugins") or name == "search_engine":
            default = "" if field.default in (None, PydanticUndefined) else str(field.default)
            cells = [f"`{name}`", f"`PORTAL_{name.upper()}`", _code(default), notes.get(name, "")]
            if name == "plugins":
                cells[:2] = ["`[plugins.NAME]`", "–"]
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines)


def bundled_settings() -> str:
    """A table for every bundled plugin that has something to set."""
    lines: list[str] = []
    for name, module in bundled():
        model: type[BaseModel] | None = module.manifest.config
        if model is None or not model.model_fields:
            continue
        lines += [f"### {name}", "", _plain(module.manifest.summary), ""]
        lines += ["| setting | entered as | default | |", "|---|---|---|---|"]
        for field in form_fields(model, {}):
            told = [field.label, field.help]
            told += ["only in `portal.toml`"] if field.locked else []
            shape = field.shape + (f": {' / '.join(field.options)}" if field.options else "")
            default = "; ".join(field.value.splitlines()) or ("required" if field.required else "")
            cells = [f"`{field.name}`", shape, _code(default), "; ".join(filter(None, told))]
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def _type(name: str) -> str:
    known = getattr(api, name, None)
    described = inspect.isclass(known) and dataclasses.is_dataclass(known)
    return f"[`{name}`](#{name.lower()})" if described else f"`{name}`"


def _plain(text: str) -> str:
    """Docstring to Markdown."""
    return re.sub(r"``(.+?)``", r"`\1`", text, flags=re.S)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


SECTIONS: Mapping[str, Callable[[], str]] = {
    "hooks": hooks,
    "types": types,
    "slots": slots,
    "settings": settings,
    "bundled": bundled_settings,
    "manifest": lambda: "\n".join([*_described("PluginManifest", api.PluginManifest)][4:]),
}
