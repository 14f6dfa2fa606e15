"""A connector by its name: found, or refused in words."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel
from sqlalchemy import select

from kb.problems import N_, Problem, ProblemError
from portal.contributions import ConnectorKind
from portal.db import db
from portal.erp.models import Connection
from portal.plugin_host import host, vault
from portal.plugin_host.config import title_of, validate

HOOK = "portal_erp_connectors"

NOT_SET_UP = Problem(
    "JS-4003",
    N_("这个连接器还没有设置"),
    N_("先填好设置并保存，再来检查或读取"),
)


def kind_named(name: str) -> ConnectorKind | None:
    """The connector `name`, if its plugin runs."""
    return next((kind for kind in host().connectors() if kind.name == name), None)


def existing(name: str) -> ConnectorKind:
    """The connector `name`. Raises ProblemError JS-4003 when there is none."""
    kind = kind_named(name)
    if kind is None:
        message, remedy = N_("没有名为 %(name)s 的连接器"), N_("到插件页看它的插件是否已启用")
        raise ProblemError(Problem("JS-4003", message, remedy, params={"name": name}))
    return kind


def connection_of(name: str) -> Connection | None:
    """How the connector `name` is set up; None: it is not."""
    return db.session.scalar(select(Connection).where(Connection.kind == name))


def set_up(name: str) -> Connection:
    """How the connector `name` is set up. Raises ProblemError JS-4003 when it is not."""
    row = connection_of(name)
    if row is None:
        raise ProblemError(NOT_SET_UP)
    return row


def config_of(kind: ConnectorKind, row: Connection) -> tuple[BaseModel | None, tuple[Problem, ...]]:
    """The settings in force, secrets included, or what is wrong with them (JS-4002)."""
    try:
        secrets = vault.opened(row.secrets)
    except ValueError as error:
        field = str(error)
        params = {"field": title_of(kind.config_model, field)}
        message = N_("「%(field)s」解不开：它是用另一把密钥加密的")
        remedy = N_("在下面重新填写「%(field)s」并保存")
        return None, (Problem("JS-4002", message, remedy, where=field, params=params),)
    return validate(kind.config_model, {**row.config, **secrets}, kind.name, in_file=False)


def kept_secrets(row: Connection | None, changes: Mapping[str, str | None]) -> dict[str, str]:
    """Secret → value as it will be after `changes`; one that cannot be read any more is gone."""
    kept: dict[str, str] = {}
    for name, token in (row.secrets if row else {}).items():
        try:
            kept |= {} if name in changes else vault.opened({name: token})
        except ValueError:
            continue  # typed with another secret key: it has to be typed again
    return kept | {name: value for name, value in changes.items() if value is not None}


def timed_out(kind: ConnectorKind, seconds: float) -> Problem:
    """The other system has not answered within `seconds`."""
    return Problem(
        "JS-4003",
        N_("%(name)s 在 %(seconds)s 秒内没有答复"),
        N_("看看对方系统或网络文件夹是不是太慢、断开了，再试一次"),
        params={"name": kind.title, "seconds": round(seconds)},
    )


def close_breaker(row: Connection) -> None:
    """The connector answers again, or is set up anew. Call inside ``write()``."""
    row.failures, row.open_until = 0, None
