"""What plugins add to reach other systems: connectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel

from kb.problems import Problem

if TYPE_CHECKING:
    from portal.plugin_host.context import PluginContext


@dataclass(frozen=True)
class Entity:
    """A kind of record another system holds. `columns`: name → title, the required ones first."""

    name: str
    title: str
    columns: Mapping[str, str]
    required: tuple[str, ...] = ()
    key: str = ""
    """The column that tells records apart."""


@dataclass(frozen=True)
class EntityReport:
    """What a check found of one entity."""

    name: str
    title: str
    rows: int = 0
    detail: str = ""
    """Where it was found and how it was read, for people."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """What a check found. Only a problem of severity ``error`` makes it fail."""

    entities: tuple[EntityReport, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """True when data can be pulled."""
        every = [*self.problems, *(p for entity in self.entities for p in entity.problems)]
        return all(problem.severity != "error" for problem in every)


@dataclass(frozen=True)
class Pulled:
    """Some records and the cursor to go on from; `more`: call again at once."""

    rows: tuple[Mapping[str, str], ...]
    cursor: str = ""
    more: bool = False


class Connector(Protocol):
    """What a connector does. It may raise ProblemError (JS-4003); anything else is a fault."""

    def check(self, ctx: PluginContext, config: Any) -> CheckResult:
        """Look, change nothing, and say what was found."""

    def discover(self, ctx: PluginContext, config: Any) -> tuple[Entity, ...]:
        """The entities this configuration offers."""

    def pull(self, ctx: PluginContext, config: Any, entity: str, cursor: str) -> Pulled:
        """Records changed since `cursor` (empty: from the beginning)."""


@dataclass(frozen=True)
class ConnectorKind:
    """A system the portal can read from. *proven* only when tests run it against the real one."""

    name: str
    title: str
    description: str
    config_model: type[BaseModel]
    entities: tuple[Entity, ...]
    connector: Connector
    status: Literal["proven", "experimental"] = "experimental"
