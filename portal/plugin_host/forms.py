"""A form generated from a pydantic model, and reading it back."""

from __future__ import annotations

import enum
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kb.problems import N_, Problem
from portal.plugin_host.config import is_locked, is_secret

Shape = Literal["text", "number", "checkbox", "select", "lines", "pairs", "json", "secret"]

FORGET = "-forget"
"""What follows a secret's name in the name of the box that forgets it."""

SHAPE_LABELS: Mapping[Shape, str] = {
    "text": N_("文字"),
    "number": N_("整数"),
    "checkbox": N_("是 / 否"),
    "select": N_("几选一"),
    "lines": N_("列表"),
    "pairs": N_("对照表"),
    "json": N_("结构（JSON）"),
    "secret": N_("密码或密钥"),
}

SHAPE_HELP: Mapping[Shape, str] = {
    "lines": N_("一行一个"),
    "pairs": N_("一行一对，写成：名称 = 值"),
    "json": N_("写成 JSON"),
}


@dataclass(frozen=True)
class FormField:
    """One field. `label`, `help` and `shape_label` are source strings; `value` is what to show."""

    name: str
    label: str
    help: str
    shape: Shape
    value: str
    required: bool
    options: tuple[str, ...] = ()
    rows: int = 0
    locked: bool = False
    """Only the operator sets this, in the file: shown, not editable."""
    kept: bool = False
    """A secret that is set; it is never shown."""
    problem: Problem | None = None

    @property
    def shape_label(self) -> str:
        """What is to be entered."""
        return SHAPE_LABELS[self.shape]

    @property
    def shape_help(self) -> str:
        """How it is to be written, where that is not obvious."""
        return SHAPE_HELP.get(self.shape, "")


def form_fields(
    model: type[BaseModel],
    values: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    *,
    typed: Mapping[str, str] | None = None,
    kept: frozenset[str] = frozenset(),
) -> tuple[FormField, ...]:
    """The fields of `model`, showing `values` over the defaults.

    `kept` are the secrets that are set. `typed` is a refused form: what was typed is shown again,
    with `problems` at their fields.
    """
    wrong: dict[str, Problem] = {}
    for problem in problems:
        wrong.setdefault(problem.where.split(".")[0], problem)
    return tuple(
        _field(model, name, info, values, wrong.get(name), typed, name in kept)
        for name, info in model.model_fields.items()
    )


def read_form(
    model: type[BaseModel], form: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values typed, ready for validation, and what could not even be read.

    Locked fields are left out whatever the form says, and so are secrets (`read_secrets`). An
    empty field counts as not given.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, info in model.model_fields.items():
        if is_locked(model, name) or is_secret(model, name):
            continue
        shape, _options = _shape(info.annotation)
        text = form.get(name, "").replace("\r\n", "\n").strip()
        if shape == "checkbox":
            values[name] = name in form
        elif text:
            try:
                values[name] = _parse(shape, text)
            except ValueError:
                message = N_("要写成：%(how)s")
                remedy = N_("照说明改好再保存")
                how = SHAPE_HELP.get(shape, "")
                problems.append(Problem("JS-4002", message, remedy, name, params={"how": how}))
        elif shape in {"lines", "pairs"}:
            values[name] = _parse(shape, "")
    return values, tuple(problems)


def read_secrets(model: type[BaseModel], form: Mapping[str, str]) -> dict[str, str | None]:
    """Secret → what was typed, or None when it is to be forgotten. One left empty stays."""
    changes: dict[str, str | None] = {}
    for name in model.model_fields:
        if not is_secret(model, name) or is_locked(model, name):
            continue
        if typed := form.get(name, ""):
            changes[name] = typed
        elif name + FORGET in form:
            changes[name] = None
    return changes


def _field(
    model: type[BaseModel],
    name: str,
    info: FieldInfo,
    values: Mapping[str, Any],
    problem: Problem | None,
    typed: Mapping[str, str] | None,
    kept: bool,
) -> FormField:
    shape, options = ("secret", ()) if is_secret(model, name) else _shape(info.annotation)
    value = values.get(name, info.get_default(call_default_factory=True))
    locked = is_locked(model, name)
    if shape == "secret":
        shown = ""
    elif typed is not None and not locked:
        shown = typed.get(name, "")
    else:
        shown = _show(shape, value if value is not None and not info_missing(value) else None)
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    tall = shape in {"lines", "pairs", "json"} or extra.get("multiline")
    return FormField(
        name=name,
        label=info.title or name,
        help=info.description or "",
        shape=shape,
        value=shown,
        required=info.is_required() and shape != "checkbox" and not kept,
        options=options,
        rows=max(3, min(12, shown.count("\n") + 2)) if tall else 0,
        locked=locked,
        kept=kept,
        problem=problem,
    )


def info_missing(value: object) -> bool:
    """True for pydantic's marker of a field without default."""
    return type(value).__name__ == "PydanticUndefinedType"


def _shape(annotation: Any) -> tuple[Shape, tuple[str, ...]]:
    annotation = _bare(annotation)
    origin, args = get_origin(annotation), tuple(map(_bare, get_args(annotation)))
    if origin in (Union, types.UnionType):
        left = [arg for arg in args if arg is not type(None)]
        return _shape(left[0]) if len(left) == 1 else ("json", ())
    if annotation is bool:
        return "checkbox", ()
    if annotation is int:
        return "number", ()
    if origin is Literal:
        return "select", tuple(str(arg) for arg in args)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return "select", tuple(str(member.value) for member in annotation)
    if origin in (list, tuple, set, frozenset) and args and args[0] is str:
        return "lines", ()
    if origin in (dict, Mapping) and args == (str, str):
        return "pairs", ()
    if origin is not None or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "json", ()
    return "text", ()


def _bare(annotation: Any) -> Any:
    """Without what ``Annotated`` adds."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _parse(shape: Shape, text: str) -> Any:
    if shape == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if shape == "pairs":
        pairs = {}
        for line in filter(str.strip, text.splitlines()):
            key, equals, value = line.partition("=")
            if not equals:
                raise ValueError(line)
            pairs[key.strip()] = value.strip()
        return pairs
    if shape == "json":
        return json.loads(text)
    return text


def _show(shape: Shape, value: Any) -> str:
    if value is None:
        return ""
    if shape == "checkbox":
        return "1" if value else ""
    if shape == "lines":
        return "\n".join(str(item) for item in value)
    if shape == "pairs":
        return "\n".join(f"{key} = {item}" for key, item in value.items())
    if shape == "json":
        return json.dumps(_plain(value), ensure_ascii=False, indent=2)
    return str(value.value if isinstance(value, enum.Enum) else value)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value
