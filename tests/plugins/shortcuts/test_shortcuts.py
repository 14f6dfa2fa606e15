"""Which queries the configured words answer, and which settings are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from plugins.shortcuts.plugin import Config, portal_resolve_shortcut, same
from portal.api import PluginContext, Shortcut

MakeCtx = Callable[..., PluginContext]

LINKS = {"请假、休假": "/faq/leave", "ERP": "https://erp.example.com/", "Gantt 图": "/faq/gantt"}


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("请假", "请假"),
        ("休假", "休假"),
        ("請假", "请假"),
        (" 请假 ", "请假"),
        ("erp", "ERP"),
        ("ＥＲＰ", "ERP"),
        ("gantt  圖", "Gantt 图"),
    ],
)
def test_width_case_and_traditional_characters_make_no_difference(
    make_ctx: MakeCtx, query: str, title: str
) -> None:
    found = portal_resolve_shortcut(make_ctx(Config(links=LINKS)), query)
    assert found is not None and found.title == title


@pytest.mark.parametrize("query", ["", "请", "请假流程", "我要请假", "请假、休假", "、", "gantt图"])
def test_only_a_whole_word_is_an_answer(make_ctx: MakeCtx, query: str) -> None:
    assert portal_resolve_shortcut(make_ctx(Config(links=LINKS)), query) is None


def test_without_settings_there_is_no_answer(make_ctx: MakeCtx) -> None:
    assert portal_resolve_shortcut(make_ctx(Config()), "请假") is None


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ({"请假": "faq/leave"}, "请假"),
        ({"请假": "//evil.example"}, "//evil.example"),
        ({"请假": "javascript:alert(1)"}, "https://"),
        ({"请假": "http://plain.example"}, "https://"),
        ({"请假": ""}, "请假"),
        ({"请假、休假": "/a", "休假": "/b"}, "「休假」写了两次"),
        ({"ERP、ｅｒｐ": "/a"}, "写了两次"),
        ({"请假": 7}, "string"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_in_words(
    links: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match="links") as caught:
        Config(links=links)  # type: ignore[arg-type]
    assert said in str(caught.value)


WORDS = st.text(st.characters(exclude_characters="、", exclude_categories=["Cs"]), min_size=1)


@given(links=st.dictionaries(WORDS.filter(str.strip), st.just("/x"), max_size=5), query=st.text())
def test_a_query_is_answered_exactly_when_it_is_one_of_the_words(
    links: dict[str, str], query: str
) -> None:
    assume(len({same(word) for word in links}) == len(links))
    ctx = type("Ctx", (), {"config": Config(links=links)})()
    for asked in (query, *links):
        found = portal_resolve_shortcut(ctx, asked)
        if same(asked) in {same(word) for word in links}:
            assert isinstance(found, Shortcut) and same(found.title) == same(asked)
        else:
            assert found is None
