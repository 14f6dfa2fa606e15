"""The plugin pages of the administration: state, settings, failures, on and off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import service as accounts
from portal.accounts.guard import require
from portal.accounts.labels import ROLES
from portal.accounts.models import Role
from portal.i18n import said, translate
from portal.plugin_host import host, settings_page
from portal.plugin_host.forms import FormField
from portal.plugin_host.report import hook_rows
from portal.plugin_host.states import Plugin


def register(bp: Blueprint) -> None:
    """Add the routes to the administration's blueprint."""
    bp.add_url_rule("/plugins", view_func=plugin_list)
    bp.add_url_rule("/plugins/<name>", view_func=plugin_page)
    bp.add_url_rule("/plugins/<name>/switch", view_func=plugin_switch, methods=["POST"])
    bp.add_url_rule("/plugins/<name>/settings", view_func=plugin_settings, methods=["POST"])
    bp.add_url_rule("/plugins/<name>/rights", view_func=plugin_rights, methods=["POST"])
    bp.add_url_rule("/plugins/<name>/forget", view_func=plugin_forget, methods=["POST"])
    bp.add_url_rule("/hooks", view_func=hook_list)


def _found(name: str) -> Plugin:
    host().collect_all()
    plugin = host().plugin(name)
    if plugin is None:
        abort(404)
    return plugin


@require(Role.ADMIN)
def plugin_list() -> Any:
    """Every plugin with its state, the reason and the next step."""
    return render_template("plugins/list.html", plugins=host().report())


@require(Role.ADMIN)
def plugin_page(name: str) -> Any:
    """One plugin: what it adds, its settings, its failures."""
    plugin = _found(name)
    return _plugin_page(plugin, settings_page.fields_of(plugin))


def _plugin_page(plugin: Plugin, fields: Sequence[FormField]) -> str:
    tallies = host().ledger.tallies()
    return render_template(
        "plugins/plugin.html",
        plugin=plugin,
        fields=fields,
        permissions=settings_page.permissions_of(plugin),
        roles=[(role.value, translate(label)) for role, label in ROLES.items()],
        tallies=sorted(
            (hook, tally) for (name, hook), tally in tallies.items() if name == plugin.name
        ),
        failures=host().ledger.failures(plugin.name),
        entries=accounts.entries(limit=20, subject=plugin.name, action="plugin."),
    )


@require(Role.ADMIN)
def plugin_switch(name: str) -> Response:
    """Switch a plugin on or off in every process."""
    plugin = _found(name)
    wanted = request.form.get("enabled") == "1"
    settings_page.switch(current_user.user, plugin, wanted)
    now = host().plugin(name)
    title = translate((now or plugin).title)  # one that was off had not been read before
    if wanted and now is not None and not now.running and now.problem is not None:
        flash(said(now.problem), "bad")
    elif wanted:
        flash(_("%(title)s 已启用。", title=title), "good")
    else:
        flash(_("%(title)s 已停用，它提供的东西不再出现。", title=title), "info")
    return redirect(url_for(".plugin_page", name=name))


@require(Role.ADMIN)
def plugin_settings(name: str) -> Any:
    """Keep a plugin's settings, or show the form again with what is wrong."""
    plugin = _found(name)
    problems = settings_page.save(current_user.user, plugin, request.form)
    if problems:
        fields = settings_page.fields_of(plugin, problems, request.form)
        return _plugin_page(plugin, fields), 400
    flash(_("设置已保存，所有进程马上照新的来。"), "good")
    return redirect(url_for(".plugin_page", name=name))


@require(Role.ADMIN)
def plugin_rights(name: str) -> Response:
    """Keep which role has each of the plugin's permissions."""
    settings_page.grant(current_user.user, _found(name), request.form)
    flash(_("权限已保存。"), "good")
    return redirect(url_for(".plugin_page", name=name))


@require(Role.ADMIN)
def plugin_forget(name: str) -> Response:
    """Clear the record of the plugin's failures."""
    settings_page.forget_failures(current_user.user, _found(name))
    flash(_("记录已清除。再出错会重新记下。"), "info")
    return redirect(url_for(".plugin_page", name=name))


@require(Role.ADMIN)
def hook_list() -> Any:
    """Every hook: who implements it, in which order, how often it was called and how long."""
    return render_template("plugins/hooks.html", rows=hook_rows(host()))
