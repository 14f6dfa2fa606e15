"""Outline, sections and reading time."""

from __future__ import annotations

from kb.document import Heading
from kb.markup import Renderer
from kb.markup.sections import reading_minutes

RENDERER = Renderer()


def test_text_before_the_first_heading_is_a_section() -> None:
    sections = RENDERER.render("开头。\n\n## 甲\n\n一\n\n### 乙\n\n二\n\n## 丙").sections
    assert [(s.anchor, s.heading, s.level, s.path, s.text) for s in sections] == [
        ("", "", 0, (), "开头。"),
        ("甲", "甲", 2, ("甲",), "一"),
        ("乙", "乙", 3, ("甲", "乙"), "二"),
        ("丙", "丙", 2, ("丙",), ""),
    ]


def test_no_text_no_section() -> None:
    assert RENDERER.render("").sections == ()
    assert [s.heading for s in RENDERER.render("# 甲").sections] == ["甲"]


def test_the_outline_is_what_is_in_the_html() -> None:
    rendered = RENDERER.render("# A & B\n\n## `x` <b>y</b>\n\n## A & B")
    assert rendered.outline == (
        Heading(2, "A & B", "a--b"),
        Heading(3, "x y", "x-y"),
        Heading(3, "A & B", "a--b-1"),
    )
    for heading in rendered.outline:
        assert f'id="{heading.anchor}"' in rendered.html


def test_text_is_what_readers_read() -> None:
    source = """## 标题

甲*乙*丙[丁](x) &lt;b&gt; `码`[^1]

| 一 | 二 |
|---|---|
| 三 | 四 |

```python
if a < b:
    pass
```

- 五
- [x] 六

!!! tip
    七

=== "八"
    九

![十](a.png "十一")

<p>十二</p>

[^1]: 十三
"""
    text = RENDERER.render(source).text
    assert text == (
        "甲乙丙丁 <b> 码\n一 二\n三 四\nif a < b:\npass\n五\n六\n提示\n七\n八\n九\n十一\n十二\n十三"
    )


def test_marks_of_navigation_are_not_text() -> None:
    rendered = RENDERER.render(
        "# 甲\n\n一[^1]\n\n![缺](gone.png)\n\n[^1]: 二", media=lambda _: None
    )
    assert rendered.text == "一\n二"


def test_text_before_a_heading_in_a_quote_belongs_before_it() -> None:
    sections = RENDERER.render("> 一\n>\n> # 甲\n>\n> 二\n\n三").sections
    assert [(s.heading, s.text) for s in sections] == [("", "一"), ("甲", "二\n三")]


def test_minutes() -> None:
    assert RENDERER.render("").minutes == 1
    assert RENDERER.render("字" * 400).minutes == 1
    assert RENDERER.render("字" * 401).minutes == 2
    assert RENDERER.render("word " * 660).minutes == 3
    assert RENDERER.render("字" * 400 + " word" * 220).minutes == 2
    assert reading_minutes(()) == 1
