"""What the host knows of each plugin: its state, the reason, and every failure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kb.problems import N_, Problem

if TYPE_CHECKING:
    from portal.plugin_host.context import PluginContext
    from portal.plugin_host.manifest import PluginManifest


class State(enum.StrEnum):
    """How a plugin stands. Hooks are called in the last two states only."""

    LOADED = "loaded"
    """On its way: the manifest is in order, the rest is not checked yet. Nobody sees this."""
    DISABLED = "disabled"
    INCOMPATIBLE = "incompatible"
    MISCONFIGURED = "misconfigured"
    FAILED = "failed"
    DEGRADED = "degraded"
    ACTIVE = "active"


STATE_LABELS = {
    State.LOADED: N_("正在载入"),
    State.DISABLED: N_("已停用"),
    State.INCOMPATIBLE: N_("版本不配套"),
    State.MISCONFIGURED: N_("配置有误"),
    State.FAILED: N_("没有载入"),
    State.DEGRADED: N_("部分可用"),
    State.ACTIVE: N_("正常"),
}


class Source(enum.StrEnum):
    """Where a plugin comes from."""

    BUNDLED = "bundled"
    INSTALLED = "installed"
    FILE = "file"


SOURCE_LABELS = {
    Source.BUNDLED: N_("随门户提供"),
    Source.INSTALLED: N_("另外安装"),
    Source.FILE: N_("插件文件夹"),
}

MAX_FAILURES = 20
"""Different failures kept of one plugin; the same one again only counts."""


@dataclass
class Failure:
    """Something that went wrong, how often, and when last."""

    where: str
    """The hook, or what else the plugin was doing."""
    problem: Problem
    traceback: str
    at: datetime
    count: int = 1


@dataclass
class Plugin:
    """A plugin as found, and what became of it."""

    name: str
    source: Source
    origin: str
    """Module, distribution or file: for people."""
    state: State = State.DISABLED
    problem: Problem | None = None
    manifest: PluginManifest | None = None
    module: ModuleType | None = None
    ctx: PluginContext | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    """The values in force as given by file and administrator, without defaults and secrets."""
    settings: str = ""
    """Its validated settings as text, secrets masked: changes when they do."""
    secrets: frozenset[str] = frozenset()
    """Names of the secrets that an administrator has typed in."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Permission → the role an administrator has chosen for it."""
    hooks: tuple[str, ...] = ()
    contributions: list[tuple[str, str]] = field(default_factory=list)
    """(hook, name) of everything collected from it."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Its title, or its name while the manifest is unknown."""
        return self.manifest.title if self.manifest else self.name

    @property
    def running(self) -> bool:
        """True when its hooks are called."""
        return self.state in {State.ACTIVE, State.DEGRADED}

    @property
    def folder(self) -> Path | None:
        """Where its module lies; None while it is not loaded."""
        file = getattr(self.module, "__file__", None)
        return Path(file).parent if file else None

    @property
    def revision(self) -> str:
        """Changes with the module that was loaded: another one after its file was edited."""
        return getattr(self.module, "__name__", "")

    @property
    def state_label(self) -> str:
        """The state in words (a source string)."""
        return STATE_LABELS[self.state]

    @property
    def source_label(self) -> str:
        """Where it comes from, in words (a source string)."""
        return SOURCE_LABELS[self.source]

    @property
    def failure_count(self) -> int:
        """How many failures there have been in this process."""
        return sum(failure.count for failure in self.failures)

    def stop(self, state: State, problem: Problem | None) -> None:
        """Leave the plugin in this state, for this reason."""
        self.state, self.problem = state, problem

    def note(self, failure: Failure) -> None:
        """Keep a failure; a running plugin is degraded by it."""
        same = (
            f for f in self.failures if (f.where, f.problem) == (failure.where, failure.problem)
        )
        known = next(same, None)
        if known is not None:
            known.count += 1
            known.at = failure.at
        elif len(self.failures) < MAX_FAILURES:
            self.failures.append(failure)
        if self.running:
            self.state = State.DEGRADED
            self.problem = self.problem or failure.problem
