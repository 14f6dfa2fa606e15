"""Links, pictures and video: what is resolved, what is missing, what lies elsewhere."""

from __future__ import annotations

import pytest

from kb.markup import MediaRef, Renderer
from tests.unit.markup.oracle import check

RENDERER = Renderer()
PAGES = {"a.md": "/faq/a", "../b.md#x": "/tutorials/b#x", "/faq/old": "/faq/new"}
PICTURE = MediaRef("/media/p.png", 640, 480, "image/png")
VIDEO = MediaRef("/media/v.mp4", 1280, 720, "video/mp4", "/media/v.vtt", "/media/v.png")
MEDIA = {"p.png": PICTURE, "v.mp4": VIDEO, "w.webm": MediaRef("/media/w.webm")}


def html_of(source: str) -> str:
    html = RENDERER.render(source, link=PAGES.get, media=MEDIA.get).html
    check(html)
    return html


class TestLinks:
    @pytest.mark.parametrize(
        ("source", "html"),
        [
            ("[甲](a.md)", '<a href="/faq/a">甲</a>'),
            ("[乙](../b.md#x)", '<a href="/tutorials/b#x">乙</a>'),
            ("[丙](/faq/old)", '<a href="/faq/new">丙</a>'),
            ("[丁](/search?q=x)", '<a href="/search?q=x">丁</a>'),
            ("[戊](#节)", '<a href="#节">戊</a>'),
            ("[己](gone.md)", '<span class="dead-link">己</span>'),
            ("[**庚**](gone.md)", '<span class="dead-link"><strong>庚</strong></span>'),
            ("[辛]()", '<span class="dead-link">辛</span>'),
            ("[壬](javascript:x)", '<span class="dead-link">壬</span>'),
            ("[癸](C:\\x.md)", '<span class="dead-link">癸</span>'),
            ("[a](mailto:x@y.cn)", '<a href="mailto:x@y.cn">a</a>'),
            ('[a](a.md "题")', '<a href="/faq/a" title="题">a</a>'),
            ("[a][1]\n\n[1]: a.md", '<a href="/faq/a">a</a>'),
            ('<a href="a.md">a</a>', '<a href="/faq/a">a</a>'),
            ('<a href="gone.md">a</a>', '<a class="dead-link">a</a>'),
        ],
    )
    def test_where_they_lead(self, source: str, html: str) -> None:
        assert html_of(source) == f"<p>{html}</p>"

    @pytest.mark.parametrize(
        "source",
        [
            "[a](https://example.com/x)",
            "<https://example.com/x>",
            "https://example.com/x",
            '<a href="https://example.com/x">a</a>',
            '<a href="https://example.com/x" target=_blank rel=opener>a</a>',
        ],
    )
    def test_elsewhere(self, source: str) -> None:
        html = html_of(source)
        assert '<a class="external" href="https://example.com/x" rel="noopener noreferrer">' in html

    def test_a_resolver_may_lead_elsewhere_but_not_astray(self) -> None:
        wiki = RENDERER.render("[a](w)", link=lambda _: "https://wiki.example/w").html
        assert 'class="external"' in wiki
        evil = RENDERER.render("[a](w)", link=lambda _: "javascript:x").html
        assert evil == '<p><span class="dead-link">a</span></p>'

    def test_without_resolver_everything_stays(self) -> None:
        rendered = RENDERER.render("[a](a.md) ![b](c.png)")
        assert 'href="a.md"' in rendered.html and 'src="c.png"' in rendered.html

    @pytest.mark.parametrize(
        ("source", "address", "after"),
        [
            ("见https://a.cn/x，然后", "https://a.cn/x", "，然后"),
            ("(https://a.cn/x)", "https://a.cn/x", ")"),
            ("https://a.cn/x_(y)。", "https://a.cn/x_(y)", "。"),
            ("https://a.cn/x.", "https://a.cn/x", "."),
            ("**https://a.cn/x_y_z**", "https://a.cn/x_y_z", "</strong>"),
            ("https://a.cn/?a=1&b=2 x", "https://a.cn/?a=1&amp;b=2", " x"),
        ],
    )
    def test_bare_addresses(self, source: str, address: str, after: str) -> None:
        assert f'href="{address}" rel="noopener noreferrer">{address}</a>{after}' in html_of(source)

    @pytest.mark.parametrize(
        "source",
        ["`https://a.cn`", "[https://a.cn](a.md)", "xhttps://a.cn", "http://", "https://。"],
    )
    def test_what_is_no_bare_address(self, source: str) -> None:
        assert "external" not in html_of(source)

    def test_an_address_inside_a_typed_link(self) -> None:
        html = html_of('<a href="https://a.cn/x">https://a.cn/x</a>')
        assert html.count("<a ") == 1

    def test_targets_are_kept_as_written_in_order(self) -> None:
        source = '[a](a.md) <a href="gone.md">b</a>\n\n- [c](#x)\n\n<div><a href="/y">d</a></div>\n'
        rendered = RENDERER.render(source + "\n<https://e.cn>", link=PAGES.get)
        assert rendered.links == ("a.md", "gone.md", "#x", "/y", "https://e.cn")


class TestPictures:
    def test_alone_with_a_title_is_a_figure(self) -> None:
        assert html_of('![替代](p.png "图注")') == (
            '<figure class="figure"><img alt="替代" decoding="async" fetchpriority="high" '
            'height="480" src="/media/p.png" width="640"><figcaption>图注</figcaption></figure>'
        )

    def test_alone_without_title_is_a_paragraph(self) -> None:
        assert html_of("![替代](p.png)").startswith('<p><img alt="替代"')

    def test_in_text_keeps_its_title(self) -> None:
        html = html_of('文 ![a](p.png "t") 文')
        assert "figure" not in html and 'title="t"' in html

    def test_only_the_first_is_not_lazy(self) -> None:
        html = html_of("![a](p.png)\n\n![b](p.png)\n\n<img src=p.png alt=c>")
        assert html.count('loading="lazy"') == 2 and html.count('fetchpriority="high"') == 1
        assert html.index("fetchpriority") < html.index("loading")

    def test_no_alt_is_an_empty_alt(self) -> None:
        assert '<img alt="" ' in html_of("![](p.png)")
        assert '<img alt="" ' in html_of("<img src=p.png>")

    @pytest.mark.parametrize(
        ("source", "size"),
        [
            ("![a](p.png){width=320}", 'height="240" src="/media/p.png" width="320"'),
            ('<img src="p.png" width="320px">', 'src="/media/p.png" width="320"'),
            ('<img src="p.png" width="60%">', 'src="/media/p.png" width="640"'),
            ('<img src="p.png" width="9999">', 'src="/media/p.png" width="640"'),
        ],
    )
    def test_the_author_may_make_it_smaller(self, source: str, size: str) -> None:
        assert size in html_of(source)

    def test_size_unknown(self) -> None:
        html = RENDERER.render("![a](x.svg)", media=lambda _: MediaRef("/media/x.svg")).html
        assert "width" not in html and "height" not in html

    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ("![架构图](gone.png)", "图片缺失：架构图"),
            ("![](dir/gone.png)", "图片缺失：gone.png"),
            ("![](data:image/png;base64,xx)", "图片缺失"),
            ("![演示](gone.mp4)", "视频缺失：演示"),
            ("<img src='gone.png' alt='架构图'>", "图片缺失：架构图"),
        ],
    )
    def test_missing(self, source: str, text: str) -> None:
        assert html_of(source) == f'<p><span class="missing-media">{text}</span></p>'

    @pytest.mark.parametrize("address", ["https://e.cn/a.png", "//e.cn/a.png", "http://e.cn/v.mp4"])
    def test_elsewhere_is_a_link(self, address: str) -> None:
        assert html_of(f"![架构图]({address})") == (
            f'<p><a class="remote-media external" href="{address}" '
            'rel="noopener noreferrer">架构图</a></p>'
        )

    def test_a_resolver_cannot_send_readers_elsewhere(self) -> None:
        html = RENDERER.render("![a](p)", media=lambda _: MediaRef("https://e.cn/p.png")).html
        assert "e.cn" not in html

    def test_uploaded_ones_stay_when_the_resolver_does_not_know_them(self) -> None:
        assert 'src="/media/other.png"' in html_of("![a](/media/other.png)")

    def test_sources_are_kept_as_written_in_order(self) -> None:
        source = "![a](p.png) <img src=gone.png>\n\n<p align=center><img src=../c.png></p>"
        rendered = RENDERER.render(source + "\n\n![v](v.mp4)", media=MEDIA.get)
        assert rendered.media == ("p.png", "gone.png", "../c.png", "v.mp4")

    def test_in_a_link(self) -> None:
        assert html_of("[![a](p.png)](a.md)").startswith('<p><a href="/faq/a"><img alt="a"')


class TestVideo:
    def test_with_captions_and_poster(self) -> None:
        assert html_of('![演示](v.mp4 "两分钟看懂")') == (
            '<figure class="figure figure-video"><video aria-label="演示" controls="" height="720" '
            'poster="/media/v.png" preload="none" width="1280">'
            '<source src="/media/v.mp4" type="video/mp4">'
            '<track default="" kind="captions" label="中文" src="/media/v.vtt" srclang="zh">'
            '<a class="video-download" href="/media/v.mp4">下载视频</a></video>'
            "<figcaption>两分钟看懂</figcaption></figure>"
        )

    def test_without(self) -> None:
        html = html_of("![](w.webm)")
        assert 'type="video/webm"' in html and "track" not in html and "figcaption" not in html
        assert 'aria-label="视频"' in html and "poster" not in html

    def test_in_text_there_is_no_figure(self) -> None:
        assert html_of("看 ![a](v.mp4) 吧").startswith('<p>看 <video aria-label="a"')

    def test_typed_as_html(self) -> None:
        html = html_of('<video src="v.mp4" controls autoplay loop></video>')
        assert 'src="/media/v.mp4"' in html and "track" in html and "autoplay" not in html
        html = html_of('<video controls>\n<source src="v.mp4" type="x">\n</video>')
        assert '<source src="/media/v.mp4">' in html
