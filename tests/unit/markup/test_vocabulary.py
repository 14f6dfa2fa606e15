"""Every element of the vocabulary, as `kb.markup` describes it."""

from __future__ import annotations

import pytest

from kb.markup import Renderer
from tests.unit.markup.oracle import check

RENDERER = Renderer()


def html_of(source: str) -> str:
    html = RENDERER.render(source).html
    check(html)
    return html


class TestHeadings:
    def test_heading_with_anchor_and_link_to_copy(self) -> None:
        assert html_of("# 任务拆解") == (
            '<h2 id="任务拆解">任务拆解<a aria-label="复制“任务拆解”的链接" '
            'class="heading-anchor" href="#任务拆解">#</a></h2>'
        )

    @pytest.mark.parametrize(
        ("source", "levels"),
        [
            ("# a\n## b\n### c", [2, 3, 4]),
            ("## a\n### b", [2, 3]),
            ("### a\n## b\n# c", [2, 2, 2]),
            ("# a\n#### b\n### c\n# d", [2, 3, 3, 2]),
            ("# a\n## b\n### c\n#### d\n##### e\n###### f", [2, 3, 4, 5, 6, 6]),
            ("a\n===\n\nb\n---", [2, 3]),
        ],
    )
    def test_levels_are_the_depth_in_the_outline(self, source: str, levels: list[int]) -> None:
        assert [heading.level for heading in RENDERER.render(source).outline] == levels

    def test_no_h1_even_from_html(self) -> None:
        assert html_of("<h1 align=center>a</h1>") == "<h2>a</h2>"

    def test_marks_in_a_heading(self) -> None:
        rendered = RENDERER.render("## 用 `wbs` **拆** <em>到</em> A & B")
        assert rendered.outline[0].text == "用 wbs 拆 到 A & B"
        assert rendered.outline[0].anchor == "用-wbs-拆-到-a--b"

    def test_a_heading_of_nothing_is_none(self) -> None:
        assert RENDERER.render("#\n\n## \n\na").outline == ()

    def test_the_authors_own_anchor(self) -> None:
        assert RENDERER.render("## 标题 {#myAnchor}").outline[0].anchor == "myAnchor"


class TestCallouts:
    @pytest.mark.parametrize(
        ("word", "kind", "title"),
        [
            ("note", "note", "说明"),
            ("tip", "tip", "提示"),
            ("warning", "warning", "注意"),
            ("danger", "danger", "警告"),
            ("example", "example", "示例"),
            ("info", "info", "信息"),
            ("important", "important", "重要"),
            ("success", "success", "完成"),
            ("question", "question", "问题"),
            ("quote", "quote", "引用"),
            ("abstract", "abstract", "摘要"),
            ("hint", "tip", "提示"),
            ("CAUTION", "danger", "警告"),
            ("注意", "warning", "注意"),
        ],
    )
    @pytest.mark.parametrize("form", ["!!! {}\n    正文", ":::{}\n正文\n:::"])
    def test_types_and_their_titles(self, form: str, word: str, kind: str, title: str) -> None:
        assert html_of(form.format(word)) == (
            f'<div class="callout callout-{kind}" role="note">'
            f'<p class="callout-title">{title}</p><p>正文</p></div>'
        )

    @pytest.mark.parametrize(
        "source",
        [
            '!!! tip "小贴士"\n    正文',
            "!!! tip “小贴士”\n    正文",
            "!!! tip 小贴士\n    正文",
            "> [!TIP] 小贴士\n> 正文",
            ":::tip 小贴士\n正文\n:::",
            ":::tip[小贴士]\n正文\n:::",
            "::: tip 小贴士\n\n正文\n\n:::",
            '!!! tip inline end "小贴士"\n    正文',
        ],
    )
    def test_ways_to_write_one_with_a_title(self, source: str) -> None:
        assert html_of(source) == (
            '<div class="callout callout-tip" role="note">'
            '<p class="callout-title">小贴士</p><p>正文</p></div>'
        )

    @pytest.mark.parametrize("word", ["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"])
    def test_github_alerts(self, word: str) -> None:
        html = html_of(f"> [!{word}]\n> 一\n>\n> - 二")
        assert html.startswith('<div class="callout callout-') and "<li>二</li>" in html
        assert "[!" not in html and "blockquote" not in html

    def test_without_title(self) -> None:
        assert html_of('!!! note ""\n    a') == (
            '<div class="callout callout-note" role="note"><p>a</p></div>'
        )

    def test_collapsible(self) -> None:
        assert html_of('??? warning "细节"\n    a') == (
            '<details class="callout callout-warning">'
            '<summary class="callout-title">细节</summary><p>a</p></details>'
        )
        assert 'open=""' in html_of("???+ note\n    a")
        assert html_of(":::details 更多\na\n:::").startswith(
            '<details class="callout callout-note"><summary class="callout-title">更多</summary>'
        )

    def test_an_unknown_type_is_a_note(self) -> None:
        assert 'class="callout callout-note"' in html_of('!!! whatever "标题"\n    a')

    @pytest.mark.parametrize("source", ["!!!真的吗", "???为什么", "!!! 真的吗？", "???"])
    def test_an_exclamation_is_not_a_callout(self, source: str) -> None:
        assert html_of(source) == f"<p>{source}</p>"

    def test_content_of_all_kinds(self) -> None:
        html = html_of(
            "!!! note\n    - a\n      - b\n\n    ```py\n    x\n    ```\n\n    |a|\n    |-|\n"
        )
        for part in ("<li>b</li>", '<pre class="code"', '<div aria-label="表格 1"'):
            assert part in html


class TestTables:
    def test_wrapped_named_and_aligned(self) -> None:
        assert html_of("## 参数\n\n| 名 | 值 | |\n|:--|--:|:-:|\n| a | 1 | x |").endswith(
            '<div aria-label="表格 1：参数" class="table-wrap" role="region" tabindex="0"><table>'
            '<thead><tr><th class="align-left" scope="col">名</th>'
            '<th class="align-right" scope="col">值</th><td class="align-center"></td></tr></thead>'
            '<tbody><tr><td class="align-left">a</td><td class="align-right">1</td>'
            '<td class="align-center">x</td></tr></tbody></table></div>'
        )

    def test_every_table_has_a_name_of_its_own(self) -> None:
        table = "|a|\n|-|\n|b|\n\n"
        source = table + "## 甲\n\n" + table + table + "<table><tr><td>x</td></tr></table>"
        labels = [
            attributes["aria-label"]
            for tag, attributes in check(RENDERER.render(source).html).tags
            if attributes.get("class") == "table-wrap"
        ]
        assert labels == ["表格 1", "表格 2：甲", "表格 3：甲", "表格 4：甲"]

    def test_a_table_right_under_text(self) -> None:
        html = html_of("见下表：\n|a|b|\n|-|-|\n|1|2|")
        assert html.startswith("<p>见下表：</p><div") and "<td>2</td>" in html


class TestTasks:
    def test_boxes_say_how_things_stand(self) -> None:
        assert html_of("- [ ] 未做\n- [x] 做了\n- [链接](x)") == (
            '<ul class="task-list"><li class="task-list-item">'
            '<input aria-label="未完成" disabled="" type="checkbox"> 未做</li>'
            '<li class="task-list-item">'
            '<input aria-label="已完成" checked="" disabled="" type="checkbox"> 做了</li>'
            '<li><a href="x">链接</a></li></ul>'
        )

    def test_in_a_loose_list(self) -> None:
        html = html_of("- [ ] a\n\n- [X] b")
        assert html.count("task-list-item") == 2 and html.count("checked") == 1


class TestTabs:
    def test_radio_buttons_labels_and_blocks(self) -> None:
        assert html_of('=== "甲"\n    a\n\n=== "乙"\n    b') == (
            '<div class="tabbed-set" data-tabs="2">'
            '<input checked="" id="tab-1-1" name="tabs-1" type="radio">'
            '<input id="tab-1-2" name="tabs-1" type="radio">'
            '<div class="tabbed-labels"><label for="tab-1-1">甲</label>'
            '<label for="tab-1-2">乙</label></div>'
            '<div class="tabbed-content"><div class="tabbed-block"><p>a</p></div>'
            '<div class="tabbed-block"><p>b</p></div></div></div>'
        )

    def test_two_sets_and_a_second_rendering(self) -> None:
        source = '=== "a"\n    x\n\n文\n\n=== "b"\n    y'
        html = html_of(source)
        assert 'id="tab-1-1"' in html and 'id="tab-2-1"' in html
        assert html_of(source) == html


class TestFootnotes:
    def test_marks_and_list(self) -> None:
        html = html_of("甲[^1]乙[^注]甲[^1]。\n\n[^注]: 二\n[^1]: 一")
        assert (
            '<sup class="footnote-ref" id="fnref:1">'
            '<a aria-label="脚注 1" href="#fn:1" role="doc-noteref">1</a></sup>'
        ) in html
        assert html.count('class="footnote-backref"') == 3
        assert '<section aria-label="脚注" class="footnotes" role="doc-endnotes"><ol>' in html
        assert 'aria-label="回到正文中的脚注 1（第 2 处）"' in html
        assert html.index('<li id="fn:1">') < html.index('<li id="fn:注">')
        assert "<hr" not in html and 'title="' not in html

    def test_content_of_several_blocks(self) -> None:
        html = html_of("a[^x]\n\n[^x]: 一\n\n    - 二\n      - 三\n\n    ```\n    四\n    ```")
        assert "<li>三</li>" in html and '<pre class="code"' in html


class TestCode:
    def test_coloured_by_class(self) -> None:
        assert html_of("```python\ndef f():\n\treturn 1\n```") == (
            '<pre class="code" data-lang="python" tabindex="0"><code class="language-python">'
            '<span class="k">def </span><span class="nf">f</span><span class="p">():\n\t</span>'
            '<span class="k">return </span><span class="mi">1\n</span></code></pre>'
        )

    def test_unknown_language_is_plain(self) -> None:
        assert html_of("```不存在\na < b\n```") == (
            '<pre class="code" data-lang="不存在" tabindex="0"><code>a &lt; b\n</code></pre>'
        )
        assert html_of("```nosuch\na\n```") == (
            '<pre class="code" data-lang="nosuch" tabindex="0">'
            '<code class="language-nosuch">a\n</code></pre>'
        )

    def test_no_language(self) -> None:
        plain = '<pre class="code" tabindex="0"><code>a\n</code></pre>'
        assert html_of("```\na\n```") == plain
        assert html_of("    a") == plain

    @pytest.mark.parametrize(
        "info",
        ['js title="a.js"', "js {1,3} title='a.js' showLineNumbers", '{.js title="a.js"}'],
    )
    def test_title_and_other_options(self, info: str) -> None:
        html = html_of(f"```{info}\nx\n```")
        assert 'data-lang="js"' in html and 'data-title="a.js"' in html

    def test_markdown_and_html_in_code_stay(self) -> None:
        html = html_of("```\n# a\n- **b** <b>c</b> &amp; [d](e)\n\n!!! note\n```")
        assert "# a\n- **b** &lt;b&gt;c&lt;/b&gt; &amp;amp; [d](e)\n\n!!! note\n" in html

    def test_an_unclosed_fence_goes_to_the_end(self) -> None:
        assert html_of("```\na\n\n# b").endswith("<code>a\n\n# b\n</code></pre>")

    def test_tildes_and_longer_fences(self) -> None:
        assert "```\n" in html_of("````\n```\n````") and "~~~" not in html_of("~~~\na\n~~~")

    def test_inline(self) -> None:
        assert html_of("`a < b`") == "<p><code>a &lt; b</code></p>"


class TestText:
    @pytest.mark.parametrize(
        ("source", "html"),
        [
            ("**中文**中文*强调*", "<p><strong>中文</strong>中文<em>强调</em></p>"),
            ("snake_case_name", "<p>snake_case_name</p>"),
            ("~~删~~ ~一~", "<p><del>删</del> ~一~</p>"),
            ("第一行\n第二行", "<p>第一行第二行</p>"),
            ("line one\nline two", "<p>line one\nline two</p>"),
            ("一  \n二", "<p>一<br>二</p>"),
            ("一\\\n二", "<p>一<br>二</p>"),
            ("术语\n:   定义", "<dl><dt>术语</dt><dd>定义</dd></dl>"),
            ("> 引\n\n文", "<blockquote><p>引</p></blockquote><p>文</p>"),
            ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
            ("\\*a\\* \\<b\\>", "<p>*a* &lt;b&gt;</p>"),
            ("A &amp; B & C &copy;", "<p>A &amp; B &amp; C ©</p>"),
            ("H<sub>2</sub>O <kbd>Ctrl</kbd>", "<p>H<sub>2</sub>O <kbd>Ctrl</kbd></p>"),
            ("", ""),
            ("   \n\t\n", ""),
        ],
    )
    def test_plain_elements(self, source: str, html: str) -> None:
        assert html_of(source) == html

    def test_details_typed_as_html_holds_markdown(self) -> None:
        assert html_of("<details>\n<summary>更多</summary>\n\n**a**\n\n</details>") == (
            "<details>\n<summary>更多</summary><p><strong>a</strong></p></details>"
        )
