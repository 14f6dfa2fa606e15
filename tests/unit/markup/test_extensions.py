"""What plugins add: extensions that work, that fail, and that ask for too much."""

from __future__ import annotations

import threading
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import markdown
import pytest
from markdown.inlinepatterns import SimpleTagInlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from kb.markup import MarkupExtension, Renderer
from kb.problems import ProblemError
from tests.unit.markup.oracle import check


class Marker(markdown.Extension):
    """``==x==`` becomes <mark>."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"()==(.*?)==", "mark"), "mark", 65)


class Tree(markdown.Extension):
    """Runs a function on the tree."""

    def __init__(self, change: Any) -> None:
        super().__init__()
        self.change = change

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        class Changer(Treeprocessor):
            change = staticmethod(self.change)

            def run(self, root: Element) -> None:
                self.change(root)

        md.treeprocessors.register(Changer(md), f"change-{id(self)}", 5)


class Unbuildable(markdown.Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:
        raise RuntimeError("no")


def boom(root: Element) -> None:
    if "boom" in "".join(root.itertext()):
        raise KeyError("boom")


def widget(root: Element) -> None:
    attributes = {
        "data-kind": "gantt",
        "onclick": "x",
        "id": "w",
        "style": "x",
        "class": "gantt-x y",
    }
    SubElement(root, "my-chart", attributes).text = "图"


MARK = MarkupExtension("mark", "1.0", Marker)
BOOM = MarkupExtension("boom", "1.0", lambda: Tree(boom))
BROKEN = MarkupExtension("broken", "1.0", Unbuildable)
WIDGET = MarkupExtension(
    "gantt",
    "1.0",
    lambda: Tree(widget),
    {"my-chart": frozenset({"data-kind"})},
    class_prefixes=("gantt-",),
)


def test_an_extension_works() -> None:
    rendered = Renderer([MARK]).render("==重点==")
    assert rendered.html == "<p><mark>重点</mark></p>" and rendered.failed_extensions == ()
    assert Renderer().render("==重点==").html == "<p>==重点==</p>"


def test_an_instance_does_as_well_as_a_factory() -> None:
    extension = MarkupExtension("mark", "1", Marker())
    first, second = Renderer([extension, BOOM]), Renderer([extension])
    for renderer in (first, second):
        assert "<mark>" in renderer.render("==a==").html
    rendered = first.render("==a== boom")
    assert "<mark>" in rendered.html and rendered.failed_extensions == ("boom",)


def test_extra_tags_come_through_but_nothing_else() -> None:
    html = Renderer([WIDGET]).render("文").html
    assert html == '<p>文</p><my-chart class="gantt-x" data-kind="gantt">图</my-chart>'
    assert "my-chart" not in Renderer().render("<my-chart>x</my-chart>").html


@pytest.mark.parametrize("order", [[BOOM, MARK], [MARK, BOOM]])
def test_one_that_raises_while_rendering_is_left_out(order: list[MarkupExtension]) -> None:
    renderer = Renderer(order)
    rendered = renderer.render("==a== boom")
    assert rendered.html == "<p><mark>a</mark> boom</p>"
    assert rendered.failed_extensions == ("boom",)
    # It is tried again with the next text.
    assert renderer.render("==a==").failed_extensions == ()


def test_one_that_cannot_be_built_is_left_out() -> None:
    def factory() -> markdown.Extension:
        raise ImportError("missing library")

    missing = MarkupExtension("missing", "1", factory)
    rendered = Renderer([BROKEN, MARK, missing]).render("==a==")
    assert rendered.html == "<p><mark>a</mark></p>"
    assert rendered.failed_extensions == ("broken", "missing")


def test_several_that_fail_are_all_named() -> None:
    rendered = Renderer([BOOM, BROKEN, MARK, BOOM]).render("==boom==")
    assert rendered.failed_extensions == ("boom", "broken", "boom")
    assert rendered.html == "<p><mark>boom</mark></p>"


def test_what_makes_the_page_unsafe_is_sanitised() -> None:
    def evil(root: Element) -> None:
        SubElement(root, "script").text = "alert(1)"
        SubElement(root, "a", {"href": "javascript:alert(1)", "onclick": "x"}).text = "x"
        SubElement(root, "input", {"type": "text"})
        SubElement(root, "p", {"id": "content", "role": "alert"}).text = "y"

    class Late(Postprocessor):
        def run(self, text: str) -> str:
            return text + "<script>alert(1)</script><img src=//e.cn/x onerror=alert(1)>"

    class LateExtension(markdown.Extension):
        def extendMarkdown(self, md: markdown.Markdown) -> None:
            md.postprocessors.register(Late(md), "late", -10_000)

    extensions = [
        MarkupExtension("evil", "1", lambda: Tree(evil)),
        MarkupExtension("late", "1", LateExtension),
    ]
    rendered = Renderer(extensions).render("文")
    check(rendered.html)
    assert "alert" not in rendered.html and rendered.failed_extensions == ()


@pytest.mark.parametrize(
    ("tags", "prefixes"),
    [
        ({"script": frozenset()}, ()),
        ({"iframe": frozenset({"src"})}, ()),
        ({"SCRIPT": frozenset()}, ()),
        ({"input": frozenset()}, ()),
        ({"p": frozenset({"onclick"})}, ()),
        ({"p": frozenset({"OnClick"})}, ()),
        ({"p": frozenset({"style"})}, ()),
        ({"a": frozenset({"srcdoc"})}, ()),
        ({"a b": frozenset()}, ()),
        ({"p": frozenset({"a b"})}, ()),
        ({}, ("",)),
        ({}, ("a",)),
    ],
)
def test_too_much_to_ask_for(tags: dict[str, frozenset[str]], prefixes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="greedy"):
        MarkupExtension("greedy", "1", Marker, tags, prefixes)


def test_a_problem_is_not_an_extensions_fault() -> None:
    with pytest.raises(ProblemError) as caught:
        Renderer([MARK]).render(">" * 1000)
    assert caught.value.problem.code == "JS-2003"


def test_errors_of_a_resolver_are_the_callers() -> None:
    def broken(_: str) -> str:
        raise LookupError("database away")

    with pytest.raises(LookupError):
        Renderer([MARK]).render("[a](b)", link=broken)


def test_fingerprint() -> None:
    core = Renderer().fingerprint
    assert core == Renderer().fingerprint and len(core) == 16
    others = {
        core,
        Renderer([MARK]).fingerprint,
        Renderer([MarkupExtension("mark", "1.1", Marker)]).fingerprint,
        Renderer([MarkupExtension("other", "1.0", Marker)]).fingerprint,
        Renderer([MARK, BOOM]).fingerprint,
        Renderer([BOOM, MARK]).fingerprint,
    }
    assert len(others) == 6


def test_threads_take_turns() -> None:
    renderer = Renderer([MARK])
    sources = [f"# 题{n}\n\n[x](y{n}) ==m{n}==\n\n[^1]: 注{n}\n\n甲[^1]" * 3 for n in range(8)]
    expected = [Renderer([MARK]).render(source) for source in sources]
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        for _ in range(5):
            results[number] = renderer.render(sources[number])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [results[n] for n in range(8)] == expected
