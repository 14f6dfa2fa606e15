"""WebVTT."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.media import MediaInfo, parse_vtt, sniff
from tests.unit.media.helpers import (
    refusal,
)


def test_captions() -> None:
    text = (
        "\ufeffWEBVTT 操作演示\nKind: captions\n\n"
        "NOTE 说明\n多行\n\n"
        "STYLE\n::cue { color: white }\n\n"
        "1\n00:01.000 --> 00:04.500 align:start\n点击<b>保存</b>\n第二行\n\n"
        "01:00:00.000 --> 01:00:01.000\n完\n"
    )
    assert [(cue.start, cue.end, cue.text) for cue in parse_vtt(text)] == [
        (1.0, 4.5, "点击<b>保存</b>\n第二行"),
        (3600.0, 3601.0, "完"),
    ]
    assert sniff(text.encode(), "a.vtt") == MediaInfo("text/vtt", "captions", None, None, ".vtt")
    assert parse_vtt(text.replace("\n", "\r\n"))[0].start == 1.0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("WEBVTTX\n", 1),
        ("webvtt\n", 1),
        (" WEBVTT\n", 1),
        ("WEBVTT\n\n00:01,000 --> 00:02,000\nSRT\n", 3),
        ("WEBVTT\n\n1\n00:01.000 -> 00:02.000\nx\n", 4),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", 3),
        ("WEBVTT\n\n00:01.000 --> 00:99.000\nx\n", 3),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\n", 3),
        ("WEBVTT\n\njust text\n", 4),
        ("WEBVTT\n\nSTYLE\n::cue { background: url(https://example.com) }\n", 3),
        ("WEBVTT\n\nSTYLE\n@import 'https://example.com';\n", 3),
    ],
)
def test_captions_that_are_not_in_order(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=str(line)) as caught:
        parse_vtt(text)
    assert caught.value.args == (line,)
    if text.startswith("WEBVTT"):
        assert f"第 {line} 行" in refusal(text.encode(), "a.vtt")


def test_captions_have_to_be_utf8_and_not_empty() -> None:
    assert "UTF-8" in refusal("WEBVTT\n\n00:01.000 --> 00:02.000\n保存".encode("gb18030"), "a.vtt")
    refusal(b"WEBVTT\n", "a.vtt")


@settings(deadline=None)
@given(st.text(st.sampled_from("WEBVTT\n0123456789:.-> \nNOTESYL审"), max_size=200))
def test_captions_are_parsed_or_refused(text: str) -> None:
    try:
        cues = parse_vtt(f"WEBVTT\n\n{text}")
    except ValueError as error:
        assert isinstance(error.args[0], int) and error.args[0] >= 1
    else:
        assert all(0 <= cue.start < cue.end for cue in cues)
