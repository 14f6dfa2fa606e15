"""Connectors: setting one up, and checking that it can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from kb.problems import N_, Problem, ProblemError
from portal.accounts import service as accounts
from portal.accounts.models import User
from portal.contributions import CheckResult, ConnectorKind
from portal.db import db, utcnow, write
from portal.erp.models import Connection
from portal.erp.results import pack, unpack
from portal.plugin_host import host
from portal.plugin_host.calls import Fault, explain, within
from portal.plugin_host.config import validate
from portal.plugin_host.forms import FormField, form_fields, read_form

HOOK = "portal_erp_connectors"

CHECK_SECONDS = 20.0
"""A check that has not answered by then has failed."""

NOT_SET_UP = Problem(
    "JS-4003",
    N_("这个连接器还没有设置"),
    N_("先填好设置并保存，再点「检查」"),
)


@dataclass(frozen=True)
class ConnectorPage:
    """A connector kind, how it is set up, and what the last check found."""

    kind: ConnectorKind
    plugin: str
    fields: tuple[FormField, ...]
    set_up: bool
    updated_at: datetime | None
    updated_by: str
    checked_at: datetime | None
    result: CheckResult | None


def pages() -> tuple[ConnectorPage, ...]:
    """Every connector kind there is."""
    rows = {row.kind: row for row in db.session.scalars(select(Connection))}
    return tuple(_page(kind, rows.get(kind.name)) for kind in host().connectors())


def page(
    name: str, *, problems: tuple[Problem, ...] = (), typed: Mapping[str, str] | None = None
) -> ConnectorPage | None:
    """The page of the connector `name`; with a refused form, what was `typed` and its problems."""
    kind = _kind(name)
    return _page(kind, _row(name), problems, typed) if kind else None


def save(actor: User, name: str, form: Mapping[str, str]) -> tuple[Problem, ...]:
    """Keep the settings typed into `form`; gives what is wrong with them (then nothing is kept).

    Raises ProblemError JS-4003 when there is no such connector.
    """
    kind = _existing(name)
    values, problems = read_form(kind.config_model, form)
    if problems:
        return problems
    config, problems = validate(kind.config_model, values, name)
    if config is None:
        return problems
    plain = config.model_dump(mode="json")
    with write() as session:
        row = _row(name)
        if row is None:
            row = Connection(kind=name, name=kind.title)
            session.add(row)
        row.config = {key: plain[key] for key in values}
        row.updated_at, row.updated_by = utcnow(), actor.name
        row.checked_at, row.check_result = None, {}
        accounts.audit(actor, "connector.configure", name, keys=sorted(values))
    return ()


def check(actor: User, name: str) -> CheckResult:
    """Run the connector's check, keep what it found and give it.

    Raises ProblemError JS-4003 when there is no such connector or it is not set up.
    """
    kind, row = _existing(name), _row(name)
    if row is None:
        raise ProblemError(NOT_SET_UP)
    config, wrong = validate(kind.config_model, row.config, name)
    result = CheckResult(problems=wrong) if config is None else _run(kind, config)
    with write():
        row.check_result, row.checked_at = pack(result), utcnow()
        accounts.audit(actor, "connector.check", name, ok=result.ok)
    return result


def _run(kind: ConnectorKind, config: Any) -> CheckResult:
    """The check in a thread, so that a connector that hangs costs only its time limit."""
    plugin = host().origin(HOOK, kind.name)
    assert plugin is not None and plugin.ctx is not None
    app, ctx = current_app._get_current_object(), plugin.ctx  # type: ignore[attr-defined]

    def work() -> CheckResult:
        with app.app_context():
            result: object = kind.connector.check(ctx, config)
            if not isinstance(result, CheckResult):
                raise TypeError(f"check returned {type(result).__name__}, not CheckResult")
            return result

    result = within(CHECK_SECONDS, work)
    if not isinstance(result, Fault):
        return result
    if isinstance(result.error, ProblemError):
        return CheckResult(problems=(result.error.problem,))
    if isinstance(result.error, TimeoutError):
        return CheckResult(problems=(_timed_out(kind),))
    host().failed(plugin, f"connector {kind.name}", result)
    return CheckResult(problems=(explain(plugin.name, f"connector {kind.name}", result),))


def _timed_out(kind: ConnectorKind) -> Problem:
    return Problem(
        "JS-4003",
        N_("%(name)s 在 %(seconds)s 秒内没有答复"),
        N_("看看对方系统或网络文件夹是不是太慢、断开了，再检查一次"),
        params={"name": kind.title, "seconds": round(CHECK_SECONDS)},
    )


def _kind(name: str) -> ConnectorKind | None:
    return next((kind for kind in host().connectors() if kind.name == name), None)


def _existing(name: str) -> ConnectorKind:
    kind = _kind(name)
    if kind is None:
        message, remedy = N_("没有名为 %(name)s 的连接器"), N_("到插件页看它的插件是否已启用")
        raise ProblemError(Problem("JS-4003", message, remedy, params={"name": name}))
    return kind


def _row(name: str) -> Connection | None:
    return db.session.scalar(select(Connection).where(Connection.kind == name))


def _page(
    kind: ConnectorKind,
    row: Connection | None,
    problems: tuple[Problem, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> ConnectorPage:
    plugin = host().origin(HOOK, kind.name)
    return ConnectorPage(
        kind=kind,
        plugin=plugin.title if plugin else "",
        fields=form_fields(kind.config_model, row.config if row else {}, problems, typed=typed),
        set_up=row is not None,
        updated_at=row.updated_at if row else None,
        updated_by=row.updated_by if row else "",
        checked_at=row.checked_at if row else None,
        result=unpack(row.check_result) if row else None,
    )
