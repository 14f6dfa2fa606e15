"""One validated `Settings` object: defaults, then `portal.toml`, then `PORTAL_*` variables.

All faults are found together and each is a `Problem` (JS-1005) naming the key, the value and the
remedy. Keys are flat: ``[search] engine = "whoosh"`` in the file, ``search_engine`` here and
``PORTAL_SEARCH_ENGINE`` in the environment are the same setting. Tables below ``[plugins.NAME]``
are kept as they are: each belongs to the plugin's own configuration model.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from kb.problems import N_, Problem

PREFIX = "PORTAL_"
SECRET_KEYS = frozenset({"secret_key", "database_url"})


class SettingsError(Exception):
    """The settings cannot be used; `problems` holds every finding."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Settings(BaseModel):
    """What an operator can set. Immutable once loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path
    """Database, index, media and secrets live here (`PORTAL_HOME`)."""
    site_name: str = Field(N_("金石学堂"), min_length=1, max_length=40)
    base_url: str = ""
    """Address people use, e.g. https://xuetang.example.com; links in messages are built on it."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in `home`."""
    secret_key: str = ""
    """Empty means the generated one in ``home/secrets/secret_key``."""
    anonymous_read: bool = False
    """Published articles of public spaces are open to all."""
    locale: Literal["zh_CN", "en"] = "zh_CN"
    timezone: str = "Asia/Shanghai"
    session_hours: int = Field(24 * 14, ge=1, le=24 * 365)
    trusted_proxies: int = Field(0, ge=0, le=5)
    """How many reverse proxies in front set X-Forwarded-* (0: ignore these headers)."""
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=64)
    search_engine: str = Field("whoosh", pattern="^[a-z][a-z0-9_]{1,39}$")
    """``whoosh``, or an engine that a plugin provides."""
    dev: bool = False
    """Read plugins and templates again when their files change."""
    plugins_dir: Path | None = None
    """Single-file plugins are loaded from here."""
    plugins_disabled: tuple[str, ...] = ()
    plugins_order: tuple[str, ...] = ()
    """These come first, in this order; the others follow in their own."""
    plugins_budget_ms: int = Field(300, ge=10, le=60_000)
    """What one plugin may cost a reader in one page, in milliseconds."""
    plugins_safe_mode: bool = False
    """Start without third-party plugins, so that an operator can always get in."""
    plugins_strict: bool = False
    """Raise on the first plugin fault (for CI)."""
    plugins: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    """``[plugins.NAME]`` tables, validated by each plugin's own model."""

    @field_validator("plugins_disabled", "plugins_order", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("unknown time zone") from error
        return value

    @field_validator("database_url")
    @classmethod
    def _supported_database(cls, value: str) -> str:
        if value.startswith(("postgres://", "postgresql://")):
            # Operators paste the plain form; the driver we ship is psycopg 3.
            return "postgresql+psycopg://" + value.split("://", 1)[1]
        if value and not value.startswith(("sqlite:", "postgresql+psycopg://")):
            raise ValueError("neither SQLite nor PostgreSQL")
        return value

    @property
    def plugins_budget(self) -> float:
        """What one plugin may cost a reader in one page, in seconds."""
        return self.plugins_budget_ms / 1000

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'portal.sqlite'}"

    @property
    def index_dir(self) -> Path:
        """Where the search index lives; it can be thrown away and rebuilt."""
        return self.home / "index"

    @property
    def media_dir(self) -> Path:
        """Pictures and files, by content hash."""
        return self.home / "media"

    @property
    def secrets_dir(self) -> Path:
        """Readable by the owner only."""
        return self.home / "secrets"


_REMEDIES = {
    "bool": N_("写成 true 或 false"),
    "int": N_("写成整数"),
    "range": N_("改到允许的范围内：%(detail)s"),
    "literal": N_("从这些值里选一个：%(detail)s"),
    "other": N_("改正这个值：%(detail)s"),
}


_MEANING = {
    "timezone": N_("写成时区名，例如 Asia/Shanghai"),
    "database_url": N_("以 sqlite: 或 postgresql:// 开头"),
    "search_engine": N_("写成 whoosh，或插件提供的引擎名，例如 fts5"),
}


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read and validate the settings; `overrides` (from the command line, tests) win.

    Raises SettingsError with every finding.
    """
    env = os.environ if environ is None else environ
    home = Path(str(overrides.pop("home", None) or env.get(PREFIX + "HOME") or "instance"))
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    toml_path = Path(env.get(PREFIX + "CONFIG") or home / "portal.toml")
    if toml_path.exists():
        values |= _read_toml(toml_path, origins, problems)
    for key, value in env.items():
        name = key.removeprefix(PREFIX).lower()
        if key.startswith(PREFIX) and name not in {"home", "config"}:
            values[name] = value
            origins[name] = key
    values |= {name: value for name, value in overrides.items() if value is not None}
    for name in [name for name in values if name not in Settings.model_fields]:
        problems.append(_unknown(name, values.pop(name), origins.get(name, name)))
    try:
        settings = Settings(home=home.expanduser().resolve(), **values)
    except ValidationError as error:
        problems += [_explain(item, origins) for item in error.errors()]
    if problems:
        raise SettingsError(problems)
    return settings


def _read_toml(path: Path, origins: dict[str, str], problems: list[Problem]) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(
            Problem(
                "JS-1005",
                N_("设置文件读不懂：%(error)s"),
                N_("按 TOML 语法改正 %(path)s，或先把它移走再启动"),
                params={"error": error, "path": path},
            )
        )
        return {}
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if key == "plugins" and isinstance(value, dict):
            flat["plugins"] = {k: v for k, v in value.items() if isinstance(v, dict)}
            flat |= {f"plugins_{k}": v for k, v in value.items() if not isinstance(v, dict)}
        elif isinstance(value, dict):
            flat |= {f"{key}_{inner}": inner_value for inner, inner_value in value.items()}
        else:
            flat[key] = value
    origins |= {name: f"{path.name}: {name}" for name in flat}
    return flat


def _unknown(name: str, value: object, origin: str) -> Problem:
    close = difflib.get_close_matches(name, Settings.model_fields, n=1)
    remedy = (
        N_("改为 %(close)s，或删去它") if close else N_("删去它；可用的设置见 docs/settings.md")
    )
    return Problem(
        "JS-1005",
        N_("没有名为 %(key)s 的设置（值：%(value)s）"),
        remedy,
        params={"key": origin, "value": value, "close": close[0] if close else ""},
    )


def _explain(item: Any, origins: Mapping[str, str]) -> Problem:
    name = str(item["loc"][0]) if item["loc"] else "?"
    kind = item["type"]
    limits = item.get("ctx", {})
    detail = ""
    if kind.startswith("bool"):
        remedy = "bool"
    elif kind.startswith("int"):
        remedy = "int"
    elif kind in {"greater_than_equal", "less_than_equal"}:
        remedy = "range"
        detail = "".join(
            f"{sign} {limits[key]}" for key, sign in (("ge", "≥"), ("le", "≤")) if key in limits
        )
    elif kind == "literal_error":
        remedy, detail = "literal", limits["expected"].replace(" or ", "、").replace("'", "")
    elif name in _MEANING:
        remedy, detail = "other", _MEANING[name]
    else:
        remedy, detail = "other", N_("见 docs/settings.md")
    value = "（不显示）" if name in SECRET_KEYS else item["input"]
    return Problem(
        "JS-1005",
        N_("设置 %(key)s 的值不能用：%(value)s"),
        _REMEDIES[remedy],
        params={"key": origins.get(name, name), "value": value, "detail": detail},
    )
