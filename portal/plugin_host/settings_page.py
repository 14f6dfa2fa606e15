"""What an administrator changes about a plugin: its switch and its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.problems import Problem
from portal.accounts import service as accounts
from portal.accounts.models import Role, User
from portal.contributions import Permission
from portal.db import write
from portal.plugin_host import host, store, vault
from portal.plugin_host.config import is_secret, validate
from portal.plugin_host.forms import FormField, form_fields, read_form, read_secrets
from portal.plugin_host.states import Plugin


def fields_of(
    plugin: Plugin, problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None
) -> tuple[FormField, ...]:
    """The form of the plugin's settings; empty when it has none or its manifest is unknown."""
    model = plugin.manifest.config if plugin.manifest else None
    if model is None:
        return ()
    in_file = host().settings.plugins.get(plugin.name, {})
    kept = plugin.secrets | {name for name in in_file if is_secret(model, name)}
    if typed is None and not problems:
        secrets = dict.fromkeys(plugin.secrets, "—")  # what they are does not matter here
        _made, problems = validate(model, {**plugin.config, **secrets}, plugin.name)
    return form_fields(model, plugin.config, problems, typed=typed, kept=kept)


def switch(actor: User | None, plugin: Plugin, enabled: bool) -> None:
    """Switch the plugin on or off: here at once, elsewhere from the next request on."""
    store.switch(actor, plugin.name, enabled)
    host().refresh()


def save(actor: User | None, plugin: Plugin, form: Mapping[str, str]) -> tuple[Problem, ...]:
    """Keep the settings typed into `form`; gives what is wrong with them (then nothing is kept).

    Only what differs from ``portal.toml`` and the defaults is kept, so that a later change there
    still counts for everything nobody has touched here. Secrets are kept encrypted.
    """
    model = plugin.manifest.config if plugin.manifest else None
    if model is None:
        return ()
    given, problems = read_form(model, form)
    if problems:
        return problems
    in_file: dict[str, Any] = dict(host().settings.plugins.get(plugin.name, {}))
    changes = read_secrets(model, form)
    secrets = _secrets_after(plugin, changes)
    made, problems = validate(model, {**in_file, **given, **secrets}, plugin.name)
    if made is None:
        return problems
    without, _problems = validate(model, {**in_file, **secrets}, plugin.name)
    base = without.model_dump(mode="json") if without else {}
    plain = made.model_dump(mode="json")
    kept = {key: plain[key] for key in given if key not in base or plain[key] != base[key]}
    store.configure(actor, plugin.name, kept, changes)
    host().refresh()
    return ()


def _secrets_after(plugin: Plugin, changes: Mapping[str, str | None]) -> dict[str, str]:
    stored = store.decisions().get(plugin.name, store.Stored()).secrets
    try:
        # A secret that is typed anew need not be readable any more.
        kept = vault.opened({name: token for name, token in stored.items() if name not in changes})
    except ValueError:
        kept = {}
    return {**kept, **{name: value for name, value in changes.items() if value is not None}}


def permissions_of(plugin: Plugin) -> tuple[tuple[Permission, str], ...]:
    """The plugin's permissions, each with the role that has it now."""
    found = host().collected("portal_permissions")
    return tuple(
        (one.item, plugin.roles.get(one.item.name) or one.item.role)
        for one in found
        if one.plugin == plugin.name
    )


def grant(actor: User | None, plugin: Plugin, form: Mapping[str, str]) -> None:
    """Keep the role chosen for each permission (form field: its name)."""
    chosen = {}
    for permission, _role in permissions_of(plugin):
        role = form.get(permission.name, "")
        if role in list(Role) and role != permission.role:
            chosen[permission.name] = role
    store.grant(actor, plugin.name, chosen)
    host().refresh()


def forget_failures(actor: User | None, plugin: Plugin) -> None:
    """Clear the record of the plugin's failures; one that is running starts afresh."""
    with write() as session:
        host().ledger.forget(session, plugin.name)
        accounts.audit(actor, "plugin.forget_failures", plugin.name)
        store.changed()
    host().refresh()
