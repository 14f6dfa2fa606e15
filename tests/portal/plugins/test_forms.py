"""Forms generated from pydantic models."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from portal.plugin_host.config import validate
from portal.plugin_host.forms import form_fields, read_form


class Point(BaseModel):
    x: int
    y: int = 0


class Everything(BaseModel):
    text: str = "甲"
    number: int = 3
    ratio: float = 0.5
    flag: bool = False
    choice: Literal["a", "b"] = "b"
    lines: tuple[str, ...] = ("一", "二")
    pairs: dict[str, str] = Field(default_factory=lambda: {"k": "v"})
    points: list[Point] = Field(default_factory=lambda: [Point(x=1)])
    maybe: int | None = None


def typed(**changes: str) -> dict[str, str]:
    """The form as a browser would send it with its defaults, and `changes`."""
    fields = form_fields(Everything, {})
    form = {field.name: field.value for field in fields if field.shape != "checkbox"}
    return {**form, **changes}


def test_shapes_follow_the_types() -> None:
    shapes = {field.name: field.shape for field in form_fields(Everything, {})}
    assert shapes == {
        "text": "text",
        "number": "number",
        "ratio": "text",
        "flag": "checkbox",
        "choice": "select",
        "lines": "lines",
        "pairs": "pairs",
        "points": "json",
        "maybe": "number",
    }


def test_a_form_sent_back_unchanged_gives_the_defaults() -> None:
    values, problems = read_form(Everything, typed())
    assert problems == ()
    assert validate(Everything, values, "x")[0] == Everything()


def test_a_ticked_box_and_changed_lines() -> None:
    values, _ = read_form(Everything, typed(flag="1", lines=" 三 \r\n\r\n四", pairs="a = b=c"))
    made, _ = validate(Everything, values, "x")
    assert isinstance(made, Everything)
    assert made.flag is True and made.lines == ("三", "四") and made.pairs == {"a": "b=c"}


@pytest.mark.parametrize(("field", "text"), [("points", "[1,"), ("pairs", "no equals sign here")])
def test_what_cannot_be_read_is_named(field: str, text: str) -> None:
    _values, problems = read_form(Everything, typed(**{field: text}))
    assert [problem.where for problem in problems] == [field]
    shown = form_fields(Everything, {}, problems, typed=typed(**{field: text}))
    refused = next(one for one in shown if one.name == field)
    assert refused.value == text and refused.problem is problems[0]


def test_a_fault_inside_a_structure_is_shown_at_its_field() -> None:
    values, _ = read_form(Everything, typed(points='[{"x": "far"}]'))
    made, problems = validate(Everything, values, "x")
    assert made is None
    assert problems[0].where == "points.0.x"
    shown = {one.name: one.problem for one in form_fields(Everything, {}, problems)}
    assert shown["points"] is problems[0] and shown["text"] is None


lines = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1), max_size=5
)


@given(st.builds(Everything, text=st.just("x"), number=st.integers(), lines=lines.map(tuple)))
def test_whatever_is_shown_can_be_read_back(model: Everything) -> None:
    fields = form_fields(Everything, model.model_dump())
    form = {f.name: f.value for f in fields if f.shape != "checkbox" or f.value}
    values, problems = read_form(Everything, form)
    assert problems == ()
    assert validate(Everything, values, "x")[0] == model
