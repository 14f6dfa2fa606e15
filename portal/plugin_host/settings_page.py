"""What an administrator changes about a plugin: its switch and its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.problems import Problem
from portal.accounts.models import User
from portal.plugin_host import host, store
from portal.plugin_host.config import validate
from portal.plugin_host.forms import FormField, form_fields, read_form
from portal.plugin_host.states import Plugin


def fields_of(
    plugin: Plugin, problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None
) -> tuple[FormField, ...]:
    """The form of the plugin's settings; empty when it has none or its manifest is unknown."""
    model = plugin.manifest.config if plugin.manifest else None
    if model is None:
        return ()
    if typed is None and not problems:
        _made, problems = validate(model, plugin.config, plugin.name)
    return form_fields(model, plugin.config, problems, typed=typed)


def switch(actor: User | None, plugin: Plugin, enabled: bool) -> None:
    """Switch the plugin on or off: here at once, elsewhere from the next request on."""
    store.switch(actor, plugin.name, enabled)
    host().reload()


def save(actor: User | None, plugin: Plugin, form: Mapping[str, str]) -> tuple[Problem, ...]:
    """Keep the settings typed into `form`; gives what is wrong with them (then nothing is kept).

    Only what differs from ``portal.toml`` and the defaults is kept, so that a later change there
    still counts for everything nobody has touched here.
    """
    model = plugin.manifest.config if plugin.manifest else None
    if model is None:
        return ()
    given, problems = read_form(model, form)
    if problems:
        return problems
    in_file: dict[str, Any] = dict(host().settings.plugins.get(plugin.name, {}))
    made, problems = validate(model, {**in_file, **given}, plugin.name)
    if made is None:
        return problems
    without, _problems = validate(model, in_file, plugin.name)
    base = without.model_dump(mode="json") if without else {}
    plain = made.model_dump(mode="json")
    kept = {key: plain[key] for key in given if key not in base or plain[key] != base[key]}
    store.configure(actor, plugin.name, kept)
    host().reload()
    return ()
