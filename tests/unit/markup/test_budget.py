"""What an extension may cost: one that hangs anywhere is left out, and only that one."""

from __future__ import annotations

import _thread
import re
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import markdown
import pytest
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import InlineProcessor, Pattern, SimpleTagInlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from kb.markup import MarkupExtension, MediaRef, OverBudget, Renderer
from kb.markup.page import Page
from kb.markup.parser import Parser
from kb.markup.patience import Abandoned, wait_for
from kb.markup.renderer import MAX_STUCK, REST
from kb.markup.stopwatch import CORE, Stopwatch, charge, start

BUDGET = 0.1
AMPLE = 60.0


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging extension waits for; opened at the end, so that no thread is left behind."""
    opened = threading.Event()
    yield opened
    opened.set()
    for thread in threading.enumerate():
        if thread.name == "markdown":
            thread.join()


class Clock:
    """Goes on only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Marker(markdown.Extension):
    """``==x==`` becomes <mark>."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"()==(.*?)==", "mark"), "mark", 65)


MARK = MarkupExtension("mark", "1", Marker)
PLACES = (
    "factory",
    "register",
    "reset",
    "preprocessor",
    "block test",
    "block run",
    "pattern",
    "old pattern",
    "search",
    "treeprocessor",
    "postprocessor",
)


def misbehaving(place: str, act: Callable[[], Any], name: str = "bad") -> MarkupExtension:
    """An extension that does `act` when its code at `place` is called."""

    class Pre(Preprocessor):
        def run(self, lines: list[str]) -> list[str]:
            act()
            return lines

    class Block(BlockProcessor):
        def test(self, parent: Element, block: str) -> bool:
            if place == "block test":
                act()
            return "文" in block

        def run(self, parent: Element, blocks: list[str]) -> bool:
            if place == "block run":
                act()
            return False

    class Inline(InlineProcessor):
        def getCompiledRegExp(self) -> re.Pattern[str]:
            if place == "search":
                act()
            return super().getCompiledRegExp()

        def handleMatch(self, m: Any, data: str) -> Any:  # type: ignore[override]
            act()
            return None, None, None

    class Old(Pattern):
        def handleMatch(self, m: Any) -> str:
            act()
            return "文"

    class Tree(Treeprocessor):
        def run(self, root: Element) -> None:
            act()

    class Post(Postprocessor):
        def run(self, text: str) -> str:
            act()
            return text

    class Bad(markdown.Extension):
        def reset(self) -> None:
            act()

        def extendMarkdown(self, md: markdown.Markdown) -> None:
            if place == "register":
                act()
            elif place == "reset":
                md.registerExtension(self)
            elif place == "preprocessor":
                md.preprocessors.register(Pre(md), name, 40)
            elif place.startswith("block"):
                md.parser.blockprocessors.register(Block(md.parser), name, 200)
            elif place in ("pattern", "search"):
                md.inlinePatterns.register(Inline("文", md), name, 200)
            elif place == "old pattern":
                md.inlinePatterns.register(Old("(文)", md), name, 200)
            elif place == "treeprocessor":
                md.treeprocessors.register(Tree(md), name, 30)
            elif place == "postprocessor":
                md.postprocessors.register(Post(md), name, 1)

    def factory() -> markdown.Extension:
        if place == "factory":
            act()
        return Bad()

    return MarkupExtension(name, "1", factory)


@pytest.mark.parametrize("place", PLACES)
def test_one_that_hangs_is_left_out_and_named_wherever_it_hangs(
    place: str, gate: threading.Event
) -> None:
    told: list[tuple[str, BaseException]] = []
    bad = misbehaving(place, gate.wait)
    renderer = Renderer(
        [MARK, bad], budget=BUDGET, on_failure=lambda name, error: told.append((name, error))
    )
    rendered = renderer.render("文 ==字==")
    assert rendered.html == "<p>文 <mark>字</mark></p>"
    assert rendered.failed_extensions == ("bad",)
    if place not in ("factory", "register"):
        assert [(name, type(error)) for name, error in told] == [("bad", OverBudget)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), ValueError("坏")])
def test_whatever_one_raises_is_told_with_its_traceback(place: str, error: BaseException) -> None:
    def act() -> None:
        raise error

    told: list[tuple[str, BaseException]] = []
    renderer = Renderer(
        [misbehaving(place, act), MARK],
        budget=AMPLE,
        on_failure=lambda name, error: told.append((name, error)),
    )
    rendered = renderer.render("文 ==字==")
    assert rendered.html == "<p>文 <mark>字</mark></p>"
    assert rendered.failed_extensions == ("bad",)
    assert told == [("bad", error)]
    assert "in act" in "".join(traceback.format_exception(told[0][1]))


def test_ctrl_c_is_the_operators(gate: threading.Event) -> None:
    def act() -> None:
        # As Ctrl-C does: in the main thread, which waits for this one.
        _thread.interrupt_main()
        gate.wait()

    renderer = Renderer([misbehaving("treeprocessor", act)], budget=AMPLE)
    with pytest.raises(KeyboardInterrupt):
        renderer.render("文")


def test_an_extension_that_raises_what_ctrl_c_raises_is_only_left_out() -> None:
    def act() -> None:
        raise KeyboardInterrupt

    renderer = Renderer([misbehaving("treeprocessor", act)], budget=AMPLE)
    assert len(renderer.render("文").failed_extensions) == 1


def test_a_slow_one_rests_and_is_then_tried_again(gate: threading.Event) -> None:
    calls: list[str] = []
    told: list[str] = []

    def act() -> None:
        calls.append("called")
        if len(calls) == 1:
            gate.wait()

    clock = Clock()
    renderer = Renderer(
        [misbehaving("treeprocessor", act)],
        budget=BUDGET,
        on_failure=lambda name, _: told.append(name),
        clock=clock,
    )
    assert renderer.render("文").failed_extensions == ("bad",)
    clock.now = REST - 1
    assert renderer.render("文").failed_extensions == ("bad",)
    assert (calls, told) == (["called"], ["bad"])
    clock.now = REST
    assert renderer.render("文").failed_extensions == ()
    assert (calls, told) == (["called"] * 2, ["bad"])


def test_one_that_hangs_again_and_again_does_not_gather_threads(gate: threading.Event) -> None:
    entered: list[int] = []

    def act() -> None:
        entered.append(1)
        gate.wait()

    clock = Clock()
    renderer = Renderer([misbehaving("treeprocessor", act)], budget=BUDGET, clock=clock)
    for _ in range(MAX_STUCK + 3):
        assert renderer.render("文").failed_extensions == ("bad",)
        clock.now += REST
    assert len(entered) == MAX_STUCK
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "markdown":
            thread.join()
    assert renderer.render("文").failed_extensions == ()


def test_several_that_hang_are_each_left_out(gate: threading.Event) -> None:
    extensions = [
        misbehaving("preprocessor", gate.wait, "one"),
        MARK,
        misbehaving("postprocessor", gate.wait, "two"),
    ]
    rendered = Renderer(extensions, budget=BUDGET).render("==字==")
    assert rendered.html == "<p><mark>字</mark></p>"
    assert rendered.failed_extensions == ("one", "two")


def test_one_that_hangs_beside_one_that_raises(gate: threading.Event) -> None:
    def act() -> None:
        raise KeyError("坏")

    told: dict[str, type] = {}
    renderer = Renderer(
        [
            misbehaving("treeprocessor", gate.wait, "slow"),
            MARK,
            misbehaving("pattern", act, "raises"),
        ],
        budget=BUDGET,
        on_failure=lambda name, error: told.update({name: type(error)}),
    )
    rendered = renderer.render("文 ==字==")
    assert rendered.html == "<p>文 <mark>字</mark></p>"
    assert told == {"slow": OverBudget, "raises": KeyError}


def test_one_that_swallows_the_error_is_late_all_the_same(gate: threading.Event) -> None:
    def deaf() -> str:
        try:
            charge(5, gate.wait, BUDGET * 4)
        except BaseException:  # that is what it does
            return "done"
        return "in time"

    with pytest.raises(Abandoned) as caught:
        wait_for(deaf, BUDGET, nullcontext)
    assert caught.value.owner == 5


def test_the_portals_own_time_is_not_limited() -> None:
    asked = threading.Event()

    def slow(source: str) -> MediaRef:
        # Several times the budget, in the resolver of the caller.
        asked.wait(BUDGET * 5)
        return MediaRef(f"/media/{source}")

    rendered = Renderer([MARK], budget=BUDGET).render("![x](a.png) ==字==", media=slow)
    assert rendered.failed_extensions == () and "/media/a.png" in rendered.html


def test_nested_parsing_goes_through_the_stopwatch() -> None:
    owners: list[int] = []

    class Box(BlockProcessor):
        def test(self, parent: Element, block: str) -> bool:
            return block.startswith("BOX ")

        def run(self, parent: Element, blocks: list[str]) -> None:
            box = SubElement(parent, "div")
            self.parser.parseBlocks(box, [blocks.pop(0).removeprefix("BOX ")])

    class Extension(markdown.Extension):
        def extendMarkdown(self, md: markdown.Markdown) -> None:
            md.parser.blockprocessors.register(Box(md.parser), "box", 200)

    class Watching(Stopwatch):
        def enter(self, owner: int) -> None:
            owners.append(owner)
            super().enter(owner)

    parser = Parser({7: MarkupExtension("box", "1", Extension)})
    start(Watching(AMPLE))
    try:
        html = parser.html("BOX 文", Page())
    finally:
        start(None)
    assert "<div><p>文</p></div>" in html
    assert owners[:3] == [7, 7, CORE] and set(owners) == {7, CORE}


def test_processors_shared_by_two_parsers_are_charged_to_whoever_renders(
    gate: threading.Event,
) -> None:
    class Shared(Treeprocessor):
        def run(self, root: Element) -> None:
            SubElement(root, "p").text = "共"

    shared = Shared()

    class Extension(markdown.Extension):
        def extendMarkdown(self, md: markdown.Markdown) -> None:
            md.treeprocessors.register(shared, "shared", 30)

    extension = MarkupExtension("shared", "1", Extension)
    renderers = [Renderer([extension], budget=AMPLE) for _ in range(3)]
    for renderer in renderers:
        rendered = renderer.render("文")
        assert rendered.html == "<p>文</p><p>共</p>" and rendered.failed_extensions == ()


def test_extensions_run_inside_the_context_that_was_given() -> None:
    inside = threading.local()
    seen: list[bool] = []

    @contextmanager
    def context() -> Iterator[None]:
        inside.here = True
        yield
        inside.here = False

    act = lambda: seen.append(getattr(inside, "here", False))  # noqa: E731
    Renderer([misbehaving("treeprocessor", act)], inside=context).render("文")
    assert seen == [True]
    assert not hasattr(inside, "here")


def test_without_extensions_there_is_no_other_thread() -> None:
    seen: list[str] = []

    def link(target: str) -> str:
        seen.append(threading.current_thread().name)
        return target

    Renderer().render("[a](b)", link=link)
    assert seen == [threading.current_thread().name]


def test_waiting_ends_with_the_error_or_the_result(gate: threading.Event) -> None:
    assert wait_for(lambda: 3, AMPLE, nullcontext) == 3
    with pytest.raises(ZeroDivisionError):
        wait_for(lambda: 1 // 0, AMPLE, nullcontext)
    with pytest.raises(Abandoned) as caught:
        wait_for(lambda: charge(5, gate.wait), BUDGET, nullcontext)
    assert caught.value.owner == 5
