"""Settings of a plugin or connector against its pydantic model, and what is wrong in words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from kb.problems import N_, Problem
from portal.plugin_host.calls import Fault, attempt


class NoConfig(BaseModel):
    """The model of a plugin that has nothing to set."""

    model_config = ConfigDict(frozen=True)


_WORDS = {
    # pydantic error type → source string; the values come from the error's own context.
    "missing": N_("必须填写"),
    "int_parsing": N_("要写成整数"),
    "int_type": N_("要写成整数"),
    "int_from_float": N_("要写成整数"),
    "float_parsing": N_("要写成数字"),
    "float_type": N_("要写成数字"),
    "bool_parsing": N_("要写成 true 或 false"),
    "bool_type": N_("要写成 true 或 false"),
    "string_type": N_("要写成文字"),
    "list_type": N_("要写成列表"),
    "tuple_type": N_("要写成列表"),
    "dict_type": N_("要写成「名称 = 值」"),
    "literal_error": N_("只能是 %(expected)s"),
    "enum": N_("只能是 %(expected)s"),
    "greater_than_equal": N_("不能小于 %(ge)s"),
    "greater_than": N_("要大于 %(gt)s"),
    "less_than_equal": N_("不能大于 %(le)s"),
    "less_than": N_("要小于 %(lt)s"),
    "string_too_short": N_("至少 %(min_length)s 个字"),
    "string_too_long": N_("最多 %(max_length)s 个字"),
    "too_short": N_("至少 %(min_length)s 项"),
    "too_long": N_("最多 %(max_length)s 项"),
    "string_pattern_mismatch": N_("格式不对，应符合 %(pattern)s"),
    "json_invalid": N_("不是正确的 JSON"),
}


IN_FORM = N_("改正「%(field)s」后保存")
IN_FORM_OR_FILE = N_("改正「%(field)s」后保存，或改 portal.toml 里 [plugins.%(owner)s] 的这一项")


def validate(
    model: type[BaseModel], values: Mapping[str, Any], owner: str, *, in_file: bool = True
) -> tuple[BaseModel | None, tuple[Problem, ...]]:
    """An instance of `model`, or what is wrong with `values` (JS-4002, one problem per field).

    `owner` names whose settings these are; `in_file`: they may stand in ``portal.toml``. A
    problem's `where` is the field it belongs to. Keys the model does not know are refused even
    where the model itself would pass over them: a misspelt setting must not be silently without
    effect.
    """
    remedy = IN_FORM_OR_FILE if in_file else IN_FORM
    unknown = [key for key in values if key not in _names(model)]
    if unknown:
        return None, tuple(_unknown(model, key, owner) for key in unknown)
    made = attempt(lambda: model.model_validate(dict(values)))
    if not isinstance(made, Fault):
        return made, ()
    if isinstance(made.error, ValidationError):
        return None, tuple(_wrong(model, item, owner, remedy) for item in made.error.errors())
    # The author's own validator raised something that is not a ValueError.
    words = N_("检查设置时插件出错：%(error)s")
    return None, (_problem(owner, "", words, {"error": made.text}, remedy),)


def title_of(model: type[BaseModel], name: str) -> str:
    """What a field is called: its title (a source string), else its name."""
    field = model.model_fields.get(name)
    return (field.title if field else None) or name


def is_secret(model: type[BaseModel], name: str) -> bool:
    """True for a SecretStr: never shown, and stored only encrypted."""
    field = model.model_fields.get(name)
    return field is not None and "SecretStr" in str(field.annotation or SecretStr)


def is_locked(model: type[BaseModel], name: str) -> bool:
    """True for what only the operator may set, in ``portal.toml``: ``operator_only``."""
    field = model.model_fields.get(name)
    extra = field.json_schema_extra if field else None
    return isinstance(extra, dict) and bool(extra.get("operator_only"))


def _names(model: type[BaseModel]) -> set[str]:
    aliases = {field.alias for field in model.model_fields.values() if field.alias}
    return set(model.model_fields) | aliases


def _unknown(model: type[BaseModel], key: str, owner: str) -> Problem:
    close = difflib.get_close_matches(key, model.model_fields, n=1)
    known = "、".join(model.model_fields) or "—"
    message = N_("没有名为 %(key)s 的设置")
    remedy = N_("改为 %(close)s，或删去它") if close else N_("删去它；可以设置的有：%(known)s")
    params = {"key": key, "close": close[0] if close else "", "known": known, "owner": owner}
    return Problem("JS-4002", message, remedy, where=key, params=params)


def _wrong(model: type[BaseModel], item: Any, owner: str, remedy: str) -> Problem:
    path = [str(part) for part in item["loc"]]
    context = {str(key): value for key, value in (item.get("ctx") or {}).items()}
    words = _WORDS.get(item["type"])
    if words is None:
        # A validator's own ValueError carries its author's sentence.
        words, context = "%(detail)s", {"detail": context.get("error") or item["msg"]}
    title = title_of(model, path[0]) if path else ""
    return _problem(owner, ".".join(path), words, context, remedy, title)


def _problem(
    owner: str, where: str, words: str, context: Mapping[str, Any], remedy: str, title: str = ""
) -> Problem:
    return Problem(
        "JS-4002",
        words,
        remedy,
        where=where,
        params={**context, "owner": owner, "field": title or where or owner},
    )
