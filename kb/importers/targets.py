"""Where the links and pictures of a Markdown text point, and how to point them elsewhere.

This reads the *source*, so that targets can be replaced in place and every other byte stays. It is
no Markdown parser: it finds code and looks away, and then finds inline links, reference definitions
that are used, and ``href``/``src`` of raw HTML, tolerant of what people write (spaces and Chinese
in names, brackets in titles). Every step is one pass over the text, so that a page made to be slow
is not.
"""

from __future__ import annotations

import bisect
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from kb.importers.masking import CODE, hide, hide_code, hide_escapes

Context = Literal["bare", "angle", "attribute", "unquoted"]

_MEDIA_ATTRIBUTES = frozenset(
    (tag, "src") for tag in ("img", "video", "audio", "source", "track", "embed", "iframe")
) | {("video", "poster")}
_LINK_ATTRIBUTES = frozenset({("a", "href"), ("area", "href")})
_TAG = re.compile(r"(?<!\\)<(img|video|audio|source|track|embed|iframe|a|area)(?=[\s/>])", re.I)
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([A-Za-z_:@][\w:@.-]*+)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]++)))?"""
)
# All that Markdown lets be escaped but the dot, which nobody escapes in an address, while
# `..\img\a.png` is a common one on Windows.
_ESCAPED = re.compile(r"\\([!-\-/:-@\[-`{-~])")
_TITLE = r"""(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\))"""
_TITLE_LINE = r"""(?:"[^\n]*"|'[^\n]*'|\([^\n]*\))"""
_SPACE = r"[ \t]*+(?:\r?\n[ \t]*+)?"
_DEFINITION = re.compile(
    rf"^[ \t>]*+\[(?!\^)([^\[\]\n]+)\]:{_SPACE}(<[^<>\n]*>|[^\s<]\S*+)"
    rf"(?:(?=\s){_SPACE}{_TITLE_LINE})?[ \t\r]*$",
    re.M,
)
_INLINE = re.compile(rf"\({_SPACE}(<[^<>\n]*>|[^\s()<>]*+)(?:(?=\s){_SPACE}{_TITLE})?{_SPACE}\)")
_TRAILING_TITLE = re.compile(r"""\s(?:"[^"]*"|'[^']*')\s*$""")
_LABEL = re.compile(r"\[([^\[\]\n]*)\]")
_BRACKET = re.compile(r"!?\[|\]|\n[ \t>\r]*(?=\n)")
_PAREN = re.compile(r"[()]|\n[ \t>\r]*(?=\n)")
_LONGEST_ODD_TARGET = 2_000
_LONGEST_LABEL = 1_000


@dataclass(frozen=True)
class Target:
    """One target in a Markdown text, at ``markdown[start:end]``, exactly as written there."""

    start: int
    end: int
    text: str
    line: int
    """Counted from 1."""
    is_media: bool
    """Shown in the page (a picture, a video, captions) rather than linked to."""
    context: Context
    """What surrounds it: nothing, angle brackets, the quotes of an HTML attribute, or not even
    those."""

    @property
    def address(self) -> str:
        """The target with escapes and character references resolved."""
        if self.context in ("bare", "angle"):
            return html.unescape(_ESCAPED.sub(r"\1", self.text))
        return html.unescape(self.text).strip()


def find_targets(markdown: str) -> list[Target]:
    """Give all targets outside code and comments, in order. Empty ones are left out."""
    masked = hide_code(markdown)
    found: list[_Found] = []
    masked = _html(masked, found)
    masked = hide_escapes(masked)
    definitions: dict[str, list[_Found]] = {}
    masked = _definitions(markdown, masked, definitions)
    for label, is_media in _inline(markdown, masked, found):
        for start, end, _, context in definitions.get(label, ()):
            found.append((start, end, is_media, context))
    newlines = [match.start() for match in re.finditer("\n", markdown)]
    targets: list[Target] = []
    for start, end, is_media, context in sorted(found):
        if start == end or CODE in masked[start:end]:
            continue
        # What contains another target is none itself. A definition may serve links and pictures:
        # False sorts first, so the picture stays.
        while targets and start < targets[-1].end:
            targets.pop()
        line = bisect.bisect_left(newlines, start) + 1
        targets.append(Target(start, end, markdown[start:end], line, is_media, context))
    return targets


def rewrite(markdown: str, link_map: Callable[[str], str | None]) -> str:
    """Replace targets: `link_map` gets each as written and gives its replacement, a URL, or None.

    Everything else stays byte for byte; code is not touched.
    """
    pieces: list[str] = []
    at = 0
    for target in find_targets(markdown):
        new = link_map(target.text)
        if new is None or new == target.text:
            continue
        pieces += (markdown[at : target.start], _quoted(new, target.context))
        at = target.end
    return "".join([*pieces, markdown[at:]])


_Found = tuple[int, int, bool, Context]


def _quoted(url: str, context: Context) -> str:
    """`url` so that it cannot end the target it is put in."""
    if context == "attribute":
        return html.escape(url)
    if context == "unquoted":
        return f'"{html.escape(url)}"'
    special = r"[\x00-\x20<>\\]" if context == "angle" else r"[\x00-\x20<>\\()\"']"
    return re.sub(special, lambda match: f"%{ord(match[0]):02X}", url)


def _html(masked: str, found: list[_Found]) -> str:
    """Collect targets of raw HTML tags; gives the text with these tags hidden."""
    spans: list[tuple[int, int]] = []
    at = 0
    while tag := _TAG.search(masked, at):
        name = tag[1].lower()
        at = tag.end()
        before = len(found)
        while attribute := _ATTRIBUTE.match(masked, at):
            at = attribute.end()
            key = (name, attribute[1].lower())
            group = next((index for index in (2, 3, 4) if attribute[index] is not None), 0)
            if not group or (key not in _MEDIA_ATTRIBUTES and key not in _LINK_ATTRIBUTES):
                continue
            context: Context = "unquoted" if group == 4 else "attribute"
            found.append((*attribute.span(group), key in _MEDIA_ATTRIBUTES, context))
        if len(found) > before:  # else it may be `<a b.md>`, the target of a Markdown link
            spans.append((tag.start(), at))
    return hide(masked, spans)


def _definitions(markdown: str, masked: str, definitions: dict[str, list[_Found]]) -> str:
    """Collect reference definitions by label; gives the text with them hidden."""
    spans: list[tuple[int, int]] = []
    for match in _DEFINITION.finditer(masked):
        label = _normal(markdown[slice(*match.span(1))])
        definitions.setdefault(label, []).append(_span(masked, *match.span(2), False))
        spans.append(match.span())
    # Their targets are wanted as they are, so only what looks like a link is taken from view.
    return hide(masked, spans, "[]()")


def _inline(markdown: str, masked: str, found: list[_Found]) -> Iterator[tuple[str, bool]]:
    """Collect inline targets; gives the labels of references and whether they show a picture."""
    closing = _pairs(masked)
    open_brackets: list[re.Match[str]] = []
    beyond = 0  # the end of the last target that was found
    for match in _BRACKET.finditer(masked):
        if match.start() < beyond:
            continue
        if match[0].endswith("["):
            open_brackets.append(match)
        elif match[0] != "]":
            open_brackets.clear()
        elif open_brackets:
            opening = open_brackets.pop()
            is_media = opening[0] == "!["
            after = match.end()
            if inline := _INLINE.match(masked, after):
                found.append(_span(masked, *inline.span(1), is_media))
                beyond = inline.end()
                continue
            if odd := _odd_destination(masked, after, closing):
                found.append(_span(masked, *odd, is_media))
                continue
            label = _LABEL.match(masked, after)
            start, end = label.span(1) if label and label[1] else (opening.end(), match.start())
            if end - start <= _LONGEST_LABEL:
                yield _normal(markdown[start:end]), is_media


def _odd_destination(masked: str, at: int, closing: dict[int, int]) -> tuple[int, int] | None:
    """The span of a target with spaces or parentheses in it, whose own parenthesis opens at `at`:
    all of what is inside, but for the title."""
    end = closing.get(at)
    if end is None or end - at > _LONGEST_ODD_TARGET:
        return None
    inner = masked[at + 1 : end]
    if title := _TRAILING_TITLE.search(inner):
        inner = inner[: title.start()]
    start = at + 1 + len(inner) - len(inner.lstrip())
    inner = inner.strip()
    return None if "\n" in inner else (start, start + len(inner))


def _span(masked: str, start: int, end: int, is_media: bool) -> _Found:
    """A target of Markdown, without the angle brackets it may have."""
    if masked.startswith("<", start) and masked[end - 1] == ">":
        return start + 1, end - 1, is_media, "angle"
    return start, end, is_media, "bare"


def _pairs(masked: str) -> dict[int, int]:
    """Where each parenthesis that opens is closed, within its block."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for match in _PAREN.finditer(masked):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] != ")":
            opened.clear()
        elif opened:
            pairs[opened.pop()] = match.start()
    return pairs


def _normal(label: str) -> str:
    return " ".join(label.split()).casefold()
