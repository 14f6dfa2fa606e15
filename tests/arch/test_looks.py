"""Files are short, documented, and free of leftovers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest

import portal.api
from tests.arch import looks, templates
from tests.arch.sources import Source, files, python

Rule = Callable[[Source], Iterator[str]]

PYTHON = ("portal", "kb", "plugins", "migrations", "bench")


def _all_python() -> Iterator[Source]:
    yield from python(*PYTHON)


def _readable() -> Iterator[Source]:
    yield from files(".py", ".html", ".js", below=("portal", "kb", "plugins", "tests", "bench"))


def _code_of_ours() -> Iterator[Source]:
    yield from files(".py", ".html", ".js", ".css", below=("portal", "kb", "plugins", "bench"))


def _pages() -> Iterator[Source]:
    for source in files(".html", below=("portal", "plugins")):
        if "/templates/" in source.path:
            yield source


RULES: list[tuple[Rule, Callable[[], Iterator[Source]]]] = [
    (looks.too_long, _readable),
    (looks.leftover, _code_of_ours),
    (looks.names_a_machine, files),
    (looks.swallows_silently, _all_python),
    (looks.undocumented, lambda: python("kb")),
    (templates.inline, _pages),
    (templates.form_without_token, _pages),
]

BAD: list[tuple[Rule, str, str]] = [
    (looks.too_long, "kb/x.py", "x = 1\n" * 401),
    (looks.leftover, "kb/x.py", "# TO" + "DO later"),
    (looks.leftover, "kb/x.py", "raise NotImplemented" + "Error"),
    (looks.names_a_machine, "docs/x.md", "cd /wor" + "k/main"),
    (looks.names_a_machine, "docs/x.md", "see /home/" + "anna/notes"),
    (looks.swallows_silently, "kb/x.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (looks.swallows_silently, "kb/x.py", "try:\n    f()\n\nexcept:\n    x = 1\n    # late"),
    (looks.undocumented, "kb/x.py", "x = 1"),
    (looks.undocumented, "kb/x.py", '"""Doc."""\ndef f():\n    return 1'),
    (looks.undocumented, "kb/x.py", '"""Doc."""\nclass A:\n    """Doc."""\n    def f(self): ...'),
    (templates.inline, "x.html", "<p style='color:red'>"),
    (templates.inline, "x.html", "<p {% if a > b %}class=x{% endif %} onclick='f()'>"),
    (templates.inline, "x.html", "<script nonce='{{ n }}'>f()</script>"),
    (templates.inline, "x.html", "<style>p{}</style>"),
    (templates.inline, "x.html", "<a href='javascript:f()'>x</a>"),
    (templates.inline, "x.html", "<script src='https://cdn.example/x.js'></script>"),
    (templates.form_without_token, "x.html", "<form method=post><button>x</button></form>"),
]

GOOD: list[tuple[Rule, str, str]] = [
    (looks.too_long, "kb/x.py", "x = 1\n" * 400),
    (looks.leftover, "kb/x.py", "# a hackney carriage, todolist"),
    (looks.names_a_machine, "docs/x.md", "homework/plan, src/work/x"),
    (looks.swallows_silently, "kb/x.py", "try:\n f()\nexcept Exception:\n # a guest's code\n pass"),
    (looks.swallows_silently, "kb/x.py", "try:\n f()\nexcept BaseException:\n undo()\n raise"),
    (looks.swallows_silently, "kb/x.py", "try:\n f()\nexcept OSError:\n pass"),
    (looks.undocumented, "kb/x.py", '"""Doc."""\ndef f():\n    """Doc."""\ndef _g(): ...'),
    (templates.inline, "x.html", "<script type='application/json'>{{ x|tojson }}</script>"),
    (templates.inline, "x.html", "{# <style> #}<script nonce='x' src='{{ asset(y) }}'></script>"),
    (templates.form_without_token, "x.html", "<form><input name=q></form>"),
    (templates.form_without_token, "x.html", "<form method='post'>{{ csrf() }}</form>"),
]


def named(value: object) -> str:
    return getattr(value, "__name__", "") or str(value)[:40].replace("\n", " ")


@pytest.mark.parametrize(("rule", "sources"), RULES, ids=named)
def test_files_look_as_they_should(rule: Rule, sources: Callable[[], Iterator[Source]]) -> None:
    read = list(sources())
    assert read
    findings = [finding for source in read for finding in rule(source)]
    assert not findings, "\n" + "\n".join(findings)


@pytest.mark.parametrize(("rule", "path", "text"), BAD, ids=named)
def test_a_blemish_is_seen(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), GOOD, ids=named)
def test_what_is_allowed_passes(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text))) == []


def test_every_rule_is_shown_a_blemish() -> None:
    assert {rule for rule, _path, _text in BAD} == {rule for rule, _sources in RULES}


def undocumented_names(module: object, names: list[str]) -> list[str]:
    """Classes and functions among `names` without words of their own."""
    found = []
    for name in names:
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isroutine(value)):
            continue
        words = value.__doc__ or ""
        # dataclasses write a docstring themselves: the signature.
        if not words or words.startswith(f"{name}("):
            found.append(name)
    return found


def test_the_facade_for_plugins_is_documented() -> None:
    assert undocumented_names(portal.api, list(portal.api.__all__)) == []


def test_a_silent_name_in_the_facade_is_seen() -> None:
    class Facade:
        @staticmethod
        def silent() -> None: ...

    assert undocumented_names(Facade, ["silent"]) == ["silent"]
