"""SVG: honest drawings stay as they are, the others are refused."""

from __future__ import annotations

import pytest

from kb.media import MediaInfo, clean_image, sniff
from kb.problems import ProblemError
from tests.unit.media.helpers import (
    refusal,
)


def svg(inner: str = "", attributes: str = 'width="10" height="20"', before: str = "") -> bytes:
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {namespaces} {attributes}>{inner}</svg>".encode()


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="10" height="20"', (10, 20)),
        ('width="10px" height="20.4px"', (10, 20)),
        ('width="1in" height="72pt"', (96, 96)),
        ('viewBox="0 0 960 420"', (960, 420)),
        ('viewBox="0,0,960,420" width="100%"', (960, 420)),
        ('width="100%" height="2em"', (None, None)),
        ("", (None, None)),
    ],
)
def test_size_of_drawings(attributes: str, size: tuple[int | None, int | None]) -> None:
    info = sniff(svg(attributes=attributes), "a.svg")
    assert (info.mime, info.kind, info.ext) == ("image/svg+xml", "image", ".svg")
    assert (info.width, info.height) == size


GOOD_DRAWING = """<title>流程</title><desc>说明</desc><defs>
<linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient>
<marker id="m"><path d="M0 0"/></marker><symbol id="s"><rect width="3" height="3"/></symbol></defs>
<style>.a &gt; rect { fill: url(#g); font-family: "Songti SC" }</style>
<g class="a" style="fill:url('#g')" font-family="'PingFang SC',sans-serif">
<rect width="4" height="4" fill="url(#g)" marker-end="url(#m)"/>
<use href="#s"/><use xlink:href="#s"/>
<text x="1" y="2">审批<tspan>通过</tspan></text>
<image href="data:image/png;base64,AAAA"/></g>"""


def test_honest_drawings_pass_and_stay() -> None:
    before = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- 绘图 -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'  # noqa: E501
    data = svg(GOOD_DRAWING, before=before)
    info = sniff(data, "a.txt")
    assert info.ext == ".svg"
    cleaned = clean_image(data, info).decode()
    assert "<!--" not in cleaned and "DOCTYPE" not in cleaned
    for kept in (
        "审批",
        'fill="url(#g)"',
        'xlink:href="#s"',
        "data:image/png",
        "PingFang SC",
        "&gt; rect",
    ):
        assert kept in cleaned
    assert clean_image(cleaned.encode(), info).decode() == cleaned
    assert sniff(cleaned.encode(), "a.svg") == info


def test_leavings_of_drawing_programs_are_dropped() -> None:
    data = svg(
        '<sodipodi:namedview id="n"/><metadata>SECRET</metadata>'
        '<rect inkscape:label="SECRET" width="1"/>',
        'xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" '
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        r'inkscape:export-filename="C:\SECRET\a.png"',
    )
    cleaned = clean_image(data, sniff(data, "a.svg"))
    assert b"SECRET" not in cleaned and b"sodipodi" not in cleaned and b"<rect" in cleaned


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_drawings_come_out_in_utf8(encoding: str) -> None:
    text = '<?xml version="1.0"?>' + svg("<text>审批流程图</text>").decode()
    data = text.encode(encoding)
    assert "审批流程图" in clean_image(data, sniff(data, "a.svg")).decode("utf-8")


ATTACKS = {
    "script": "<script>alert(1)</script>",
    "script in capitals": "<SCRIPT>alert(1)</SCRIPT>",
    "script of HTML": '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    "script with prefix": '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
    "foreignObject": "<foreignObject><p/></foreignObject>",
    "iframe": '<iframe xmlns="http://www.w3.org/1999/xhtml" src="x"/>',
    "unknown namespace": '<x:y xmlns:x="http://example.com/"/>',
    "no namespace": '<x xmlns=""/>',
    "onload": '<rect onload="alert(1)"/>',
    "onclick in capitals": '<rect ONCLICK="alert(1)"/>',
    "event handler with prefix": '<rect xlink:onclick="alert(1)"/>',
    "link": '<a href="javascript:alert(1)"><rect/></a>',
    "animated link": '<set attributeName="href" to="javascript:alert(1)"/>',
    "animation": '<animate attributeName="href" values="javascript:alert(1)"/>',
    "picture from elsewhere": '<image href="https://example.com/a.png"/>',
    "picture by path": '<image xlink:href="/etc/passwd"/>',
    "drawing in a drawing": '<image href="data:image/svg+xml;base64,AAAA"/>',
    "HTML as a picture": '<image href="data:text/html;base64,AAAA"/>',
    "use from elsewhere": '<use href="https://example.com/a.svg#x"/>',
    "use of data": '<use xlink:href="data:image/svg+xml,x#y"/>',
    "filter picture": '<filter><feImage href="//example.com/a.png"/></filter>',
    "fill": '<rect fill="url(https://example.com/#a)"/>',
    "mask with quotes": "<rect mask=\"url( 'https://example.com/#a' )\"/>",
    "escaped url": r'<rect fill="\75rl(https://example.com/#a)"/>',
    "style": '<rect style="background:url(//example.com/x)"/>',
    "style with data": '<rect style="cursor:url(data:text/html,x)"/>',
    "style element": "<style>rect { fill: url(https://example.com) }</style>",
    "import": "<style>@import 'https://example.com/x.css';</style>",
    "escaped import": r"<style>@\69mport 'https://example.com/x.css';</style>",
    "image-set": '<style>rect { mask: image-set("https://example.com/a.png" 1x) }</style>',
    "binding": "<style>rect { -moz-binding: x }</style>",
    "xml:base": '<g xml:base="https://example.com/"><use href="#a"/></g>',
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_drawings_that_run_or_load_are_refused(attack: str) -> None:
    data = svg(ATTACKS[attack])
    assert "SVG" in refusal(data, "a.svg")
    refusal(data, "a.png")
    with pytest.raises(ProblemError, match="JS-2005"):
        clean_image(data, MediaInfo("image/svg+xml", "image", 1, 1, ".svg"))


@pytest.mark.parametrize(
    "data",
    [
        svg(before='<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'),
        svg("&x;", before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        svg(before='<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://example.com/x.dtd"> %x;]>'),
        svg(before='<!DOCTYPE svg [<!ATTLIST rect onload CDATA "alert(1)">]>', inner="<rect/>"),
        svg(before='<?xml-stylesheet href="https://example.com/x.css"?>'),
        svg(attributes='onload="alert(1)"'),
        b"<svg><rect/></svg>",
        b"<svg xmlns='http://www.w3.org/1999/xhtml'/>",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/><script/>",
        svg("<g>" * 200 + "</g>" * 200),
        svg("<g>" * 50_000 + "</g>" * 50_000),
        svg('<g id="a"><use href="#a"/></g>'),
        svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
        svg(
            "".join(
                f'<g id="g{n}"><use href="#g{n + 1}"/><use href="#g{n + 1}"/></g>'
                for n in range(40)
            )
            + '<g id="g40"><rect/></g>'
        ),
    ],
)
def test_drawings_that_are_traps_are_refused(data: bytes) -> None:
    refusal(data, "a.svg")


def test_an_encoding_that_is_declared_but_not_used_changes_nothing() -> None:
    data = svg("<text>+ADw-script+AD4-</text>", before='<?xml version="1.0" encoding="UTF-7"?>')
    cleaned = clean_image(data, sniff(data, "a.svg"))
    assert b"UTF-7" not in cleaned and b"<script" not in cleaned
