"""Attacks through Markdown and raw HTML: none of them leaves anything that could run or load."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.markup import MediaRef, Renderer
from kb.markup.page import Page
from kb.markup.parser import Parser
from kb.problems import ProblemError
from tests.unit.markup.oracle import check

RENDERER = Renderer()

PAYLOADS = [
    # Plain tags and handlers.
    "<script>alert(1)</script>",
    "text <script>alert(1)</script> text",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\n>alert(1)</script\n>",
    "<script/x>alert(1)</script>",
    "<<script>alert(1);//<</script>",
    "<img src=x onerror=alert(1)>",
    "text <img src=x onerror=alert(1)> text",
    "<img/src=x/onerror=alert(1)>",
    '<img src="x" onerror="alert(1)"',
    "<img src=x oneonerrorrror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=x:alert(alt) onerror=eval(src) alt=1>",
    "<image src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject></svg>",
    '<math href="javascript:alert(1)">x</math>',
    "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<style>*{background:url(//evil.example)}</style>",
    "<div style='background:url(//evil.example)'>x</div>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video src=x onerror=alert(1)></video>",
    "<video poster=javascript:alert(1) src=x.mp4></video>",
    "<video><source onerror=alert(1) src=//evil.example/a.mp4></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><script>alert(1)</script></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<a href=x onclick=alert(1)>x</a>",
    "<b onmouseover=alert(1)>x</b>",
    "<p/onclick=alert(1)>x</p>",
    "<x onclick=alert(1) tabindex=1 autofocus onfocus=alert(1)>x</x>",
    "<a href=`javascript:alert(1)`>x</a>",
    # Addresses.
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6a;&#x61;vascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](blob:https://example.com/1)",
    "[x](file:///etc/passwd)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<javascript://%0aalert(1)>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    '<a href="javascript&colon;alert(1)">x</a>',
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "![x](//evil.example/a.png)",
    "![x](/\\evil.example/a.png)",
    "![x](\\\\evil.example\\a.png)",
    "![x](https://evil.example/a.png)",
    "![x](ht\ttps://evil.example/a.png)",
    "<img src='//evil.example/a.png' width=10>",
    "<img src=' \n//evil.example/a.png'>",
    # Tags the rewriting of raw HTML does not recognise.
    '<img alt="a>b" src=//evil.example/a.png>',
    "<img alt='<' src=https://evil.example/a.png>",
    '<video title=">" poster=//evil.example/p.png src=//evil.example/v.mp4></video>',
    "<div><a title='<' href=javascript:alert(1)>x</a></div>",
    "<a title='<' href=https://evil.example/ rel=opener target=_blank>x</a>",
    '![x](a.mp4 "t"){poster=//evil.example/p.png}',
    # Out of an attribute, through Markdown.
    '![x" onerror="alert(1)](a.png)',
    '![x](a.png "t\\" onerror=\\"alert(1)")',
    "[x](a.png'onclick='alert(1))",
    "[x](y \"z' onclick=alert(1) a='\")",
    '![`" onerror=alert(1) x="`](a.png)',
    '# a" onclick="alert(1)',
    "# <img src=x onerror=alert(1)>",
    '*a*{onclick="alert(1)"}',
    "*a*{: style=position:fixed }",
    "![a](b.png){onerror=alert(1)}",
    "# a {onclick=alert(1)}",
    '```js" onmouseover="alert(1)\nx\n```',
    '```js title="\\" onclick=alert(1)"\nx\n```',
    '!!! note "<img src=x onerror=alert(1)>"\n    x',
    '!!! note" onclick="alert(1)\n    x',
    '=== "<script>alert(1)</script>"\n    x',
    '??? note "</summary><script>alert(1)</script>"\n    x',
    '[^"onclick=alert(1)]\n\n[^"onclick=alert(1)]: x',
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "- [ ] <input type=submit formaction=javascript:alert(1)>",
    # Comments and other constructs that end differently for different parsers.
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml <script>alert(1)</script>?>",
    "<!DOCTYPE x [<!ENTITY y '<script>alert(1)</script>'>]>&y;",
    "<a title='<!--'>x</a><img alt='--><script>alert(1)</script>'>",
    "`<script>`<script>alert(1)</script>",
    "<div>\n```\n</div><script>alert(1)</script>\n```\n</div>",
    # Python-Markdown's own placeholders.
    "\x02wzxhzdk:0\x03<b>x</b>",
    "<b>\x02klzzwxh:0000\x03</b> `x`",
    "\x02amp\x03lt;script>",
    "\x0260\x03script>alert(1)</script>",
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "<\x00script>alert(1)</\x00script>",
    "＜script＞alert(1)＜/script＞",
    "\ufeff<script>alert(1)</script>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "around", ["{}", "> {}", "- {}", "文字 {} 文字", "!!! note\n    {}", "| a |\n|---|\n| {} |"]
)
def test_nothing_runs_or_loads(payload: str, around: str) -> None:
    rendered = RENDERER.render(around.format(payload))
    checker = check(rendered.html)
    for tag, attributes in checker.tags:
        for name, value in attributes.items():
            if name not in ("title", "alt", "aria-label", "data-title", "href", "src", "id"):
                assert "alert" not in value, (tag, name, value)


def test_the_oracle_would_notice() -> None:
    for bad in (
        "<script>x</script>",
        '<a href="javascript:x">x</a>',
        '<p onclick="x">x</p>',
        '<img src="https://evil.example/a.png">',
        '<input type="text">',
        '<p id="content">x</p>',
        '<p class="site-header">x</p>',
        '<p style="x">x</p>',
        "<b>",
    ):
        with pytest.raises((AssertionError, KeyError)):
            check(bad)


class TestFormsAndIds:
    def test_an_author_cannot_make_form_elements(self) -> None:
        for typed in (
            "<input type=password name=p>",
            "<INPUT type=checkbox>",
            "</input>",
            "<input\ntype=radio>",
            "<form action=/x><input><button>x</button></form>",
            "<select><option>x</select>",
        ):
            checker = check(RENDERER.render(f"{typed}\n\n文字 {typed}").html)
            found = {tag for tag, _ in checker.tags}
            assert not found & {"input", "form", "button", "select", "option", "textarea"}

    def test_input_typed_as_html_is_shown_as_text(self) -> None:
        assert "&lt;input type=text&gt;" in RENDERER.render("写 <input type=text> 即可").html

    def test_an_author_cannot_take_ids_or_roles(self) -> None:
        html = RENDERER.render(
            '<p id="content" role="alert" aria-label="x" tabindex="5">a</p>\n\n'
            '<label for="q">b</label>\n\n'
            "段落\n{: #main role=banner tabindex=3 }\n\n"
            "*a*{#search}"
        ).html
        for attribute in ("id=", "role=", "tabindex=", "aria-label=", "for="):
            assert attribute not in html

    def test_the_seal_cannot_be_guessed_and_never_shows(self) -> None:
        source = '# 标题\n\n|a|\n|-|\n|b|\n\n- [ ] x\n\n=== "t"\n    y'
        parser, page = Parser(), Page()
        html = parser.html(source, page)
        assert page.seal not in html and parser.input_tag not in html
        assert page.seal != Page().seal

    def test_classes_are_only_the_vocabulary(self) -> None:
        html = RENDERER.render('<p class="site-header callout callout-tip evil">a</p>').html
        assert html == '<p class="callout callout-tip">a</p>'

    def test_page_ids_are_left_to_the_page(self) -> None:
        html = RENDERER.render("# Search\n\n## page-top\n\n## x {#content}\n\n[a](#search)").html
        assert 'id="s-search"' in html and 'id="s-page-top"' in html and 'id="s-content"' in html
        assert 'href="#s-search"' in html.split("</h3>")[-1]


TOKENS = st.sampled_from(
    [
        *"\n\n\n  \t<>&\"'`*_[]()!#-+=~|:{}^\\/.1ax中，",
        "\n\n", "    ", "<script>", "</script>", "<img src=", "<b>", "</b>", "<div>", "</div>",
        "<p>", "<table>", "<td>", "<input ", "<a href=", "<svg>", "<style>", "<math>", "<!--",
        "-->", "onerror=", "javascript:", "data:", "https://e.example/", "alert(1)", "```", "~~~",
        "> ", "- ", "1. ", "- [x] ", "!!! note", "??? tip", '=== "a"', ":::tip", "> [!TIP]",
        "[^1]", "[^1]: ", "![a](b.png \"c\")", "[a](b.md)", "| a | b |\n|---|---|\n", "{: #id }",
        "{onclick=x}", "&lt;", "&#106;", "\x02", "\x03", "\x00", "wzxhzdk:0", "klzzwxh:0000",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(TOKENS | st.text(max_size=5), max_size=40).map("".join))
def test_any_text_renders_safely(source: str) -> None:
    try:
        rendered = RENDERER.render(
            source,
            link=lambda target: "/x" if target.endswith(".md") else None,
            media=lambda target: MediaRef("/media/x.png", 4, 3) if target == "b.png" else None,
        )
    except ProblemError as error:
        assert error.problem.code == "JS-2003"
        return
    check(rendered.html)
    assert rendered.failed_extensions == ()
    anchors = [heading.anchor for heading in rendered.outline]
    assert [s.anchor for s in rendered.sections if s.anchor] == anchors
