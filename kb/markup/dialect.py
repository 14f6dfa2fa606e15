"""From the Markdown people write (GitHub, Docusaurus, MkDocs) to Python-Markdown's own.

Python-Markdown wants list contents indented by four, blank lines around blocks, and has its own
callouts. This pass reads the text line by line as CommonMark does, container by container, and
writes it out in that form: lists re-indented, blank lines added, ``> [!TIP]`` and ``:::tip`` as
``!!! tip``. Code fences and blocks of raw HTML are taken out on the way and replaced by what the
`Stash` gives for them, so that nothing later mistakes their content for Markdown.

Structure follows the CommonMark specification (https://spec.commonmark.org/0.31.2/), more lenient
with list contents that are indented too little. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from typing import Protocol

from kb.markup.bounds import (
    MAX_BLOCKS,
    MAX_FOOTNOTES,
    MAX_NESTING,
    MAX_ROW_TICKS,
    MAX_TABS,
    too_complex,
    too_deep,
    too_many_blocks,
)
from kb.markup.callouts import ALERT, CALLOUT, DIRECTIVE, is_callout, is_callout_word, opening_line
from kb.markup.lines import (
    BLOCK_HTML,
    DEFINITION,
    FENCE,
    FOOTNOTE,
    HEADING,
    ITEM,
    MARKUP_HTML,
    OPENING_TAG,
    REFERENCE,
    RULE,
    TAB,
    VERBATIM_HTML,
    cannot_interrupt,
    dedent,
    indent_of,
    next_text,
    starts_table,
    take_indented,
    take_item,
)

# Never seen, but slow: the attribute list's pattern begins anew at each of them.
_SPACES = re.compile(r"(?<=\S) {50,}+")


class Stash(Protocol):
    """Keeps what must not be read as Markdown; each call gives the text to put in its place."""

    def code(self, code: str, info: str) -> str:
        """A fenced code block; `info` is what stood after the fence."""

    def html(self, html: str) -> str:
        """A block of raw HTML."""


def to_dialect(lines: list[str], stash: Stash) -> list[str]:
    """The lines in Python-Markdown's dialect.

    Raises ProblemError JS-2003 when containers nest too deep or there are too many blocks.
    """
    if sum(line.count("[^") for line in lines) > MAX_FOOTNOTES:
        raise too_complex("[^")
    return _Reader(stash).read(lines, 0)


_Block = tuple[str, list[str], int]
"""A block's kind, its lines rewritten, and the index of the line after it."""


class _Reader:
    """Reads one document; each method takes the lines of a container and where in it to begin."""

    def __init__(self, stash: Stash) -> None:
        self.stash = stash
        self.blocks = 0
        self.last = ""
        self.tabs = 0

    def count(self, blocks: int = 1) -> None:
        """Count blocks and refuse too many: each costs Python-Markdown tens of microseconds."""
        self.blocks += blocks
        if self.blocks > MAX_BLOCKS:
            raise too_many_blocks()

    def read(self, lines: list[str], depth: int, *, in_item: bool = False) -> list[str]:
        """Rewrite the lines of one container."""
        if depth > MAX_NESTING:
            raise too_deep("列表、引用或提示框")
        out: list[str] = []
        # What the last line written belongs to: "" (blank or heading), "text" or a block's kind.
        last = ""
        first_paragraph = in_item
        i, count = 0, len(lines)
        while i < count:
            line = lines[i]
            bare = line.strip()
            if not bare:
                self.blank(out)
                last, first_paragraph = "", False
                i += 1
                continue
            indent = indent_of(line)
            if indent >= 4 and last != "text":
                out.append(line.expandtabs(4))
                last = "block"
                i += 1
                continue
            block = self.container(lines, i, indent, bare, last, depth)
            if block is None:
                i, last = self.line(lines, i, bare, last, out), self.last
                continue
            self.count()
            kind, written, i = block
            # A list right under the first line of its item keeps the item tight.
            tight = kind == "list" and first_paragraph and last == "text"
            tight = tight or kind == "definition"
            if not tight:
                self.blank(out)
            out.extend(written)
            last, first_paragraph = kind, False
        return out

    def line(self, lines: list[str], i: int, bare: str, last: str, out: list[str]) -> int:
        """Write a line that starts no container; gives the next index and sets `self.last`.

        Headings, rules and link definitions get blank lines around them: in one block with others,
        Python-Markdown copies the rest of the block for each of them.
        """
        line = lines[i]
        self.last = "text"
        underline = last == "text" and not bare.strip(bare[0]) and bare[0] in "=-"
        # Python-Markdown needs no space after the "#" of a heading at the line's beginning.
        heading = bare[0] == "#" and (line[0] == "#" or HEADING.match(bare) is not None)
        alone = heading or (RULE.match(bare) is not None and not underline)
        following = lines[i + 1].strip() if i + 1 < len(lines) else ""
        if not underline and (
            alone
            or last in ("list", "block")
            or (last == "text" and (starts_table(lines, i) or REFERENCE.match(bare)))
            or (last == "definition" and DEFINITION.match(following))
        ):
            self.blank(out)
        if starts_table(lines, i):
            columns = bare.count("|") + 1
            end = i
            while end < len(lines) and lines[end].strip():
                if lines[end].count("`") > MAX_ROW_TICKS:
                    raise too_complex(lines[end])
                end += 1
            self.count(columns * (end - i))
        out.append(_SPACES.sub(" ", bare if heading else _text(line)))
        if alone or underline:
            self.count()
            out.append("")
            self.last = ""
        return i + 1

    def blank(self, out: list[str]) -> None:
        """A blank line, which begins a new block."""
        if out and out[-1]:
            out.append("")
            self.count()

    def container(
        self, lines: list[str], i: int, indent: int, bare: str, last: str, depth: int
    ) -> _Block | None:
        """The block that starts at line `i`; None when the line is text, a heading or a rule."""
        char = bare[0]
        if char in "`~":
            fence = FENCE.match(bare)
            return self.fence(lines, i, indent, fence) if fence else None
        if char == "<":
            return self.html(lines, i, indent, bare)
        if char == ">":
            return self.quote(lines, i, depth)
        if char in "-+*0123456789":
            item = ITEM.match(bare)
            if item and not RULE.match(bare) and not (last == "text" and cannot_interrupt(item)):
                return self.items(lines, i, depth)
            return None
        if char in "!?":
            callout = CALLOUT.match(bare)
            if callout and is_callout(callout):
                opener = opening_line(callout[1], callout[2], callout[3])
                return self.indented(lines, i, indent, opener, depth)
            return None
        if char == "=" and TAB.match(bare):
            self.tabs += 1
            if self.tabs > MAX_TABS:
                raise too_many_blocks()
            return self.indented(lines, i, indent, bare, depth)
        if char == ":":
            directive = DIRECTIVE.match(bare)
            if directive and is_callout_word(directive[2]):
                return self.directive(lines, i, directive, depth)
            definition = DEFINITION.match(bare)
            if definition and (last == "text" or (i and not lines[i - 1].strip())):
                # The term is the line above, and no blank line may come between: its own kind.
                return "definition", *self.hanging(lines, i, indent, definition, depth)
            return None
        footnote = FOOTNOTE.match(bare) if char == "[" else None
        if footnote:
            written, end = self.hanging(lines, i, indent, footnote, depth)
            return "block", [*written, ""], end
        return None

    def fence(self, lines: list[str], i: int, indent: int, opening: re.Match[str]) -> _Block:
        """A fenced code block; one that is not closed goes on to the end of its container."""
        mark = opening[1] or opening[3]
        info = opening[2] if opening[1] else opening[4]
        code: list[str] = []
        i += 1
        while i < len(lines):
            line = lines[i]
            bare = line.strip()
            i += 1
            if bare.startswith(mark) and not bare.strip(mark[0]) and indent_of(line) <= indent + 3:
                break
            code.append(dedent(line, indent))
        text = "\n".join(code) + "\n" if code else ""
        return "block", [self.stash.code(text, info or ""), ""], i

    def html(self, lines: list[str], i: int, indent: int, bare: str) -> _Block | None:
        """A block of raw HTML, or None when the line does not start one."""
        end = ""
        verbatim = VERBATIM_HTML.match(bare)
        if verbatim:
            end = f"</{verbatim[1].lower()}>"
        else:
            for start, stop in MARKUP_HTML:
                if bare.startswith(start):
                    end = stop
        if not end and not BLOCK_HTML.match(bare):
            return None
        start_line = i
        depth = 0
        while i < len(lines):
            line = lines[i]
            if end:
                i += 1
                if end in line.lower():
                    break
            elif line.strip() and (i == start_line or depth > 0 or line.lstrip()[0] == "<"):
                # CommonMark waits for a blank line; authors go on with Markdown after the end tag.
                depth += len(OPENING_TAG.findall(line)) - line.count("</")
                i += 1
            else:
                break
        html = "\n".join(dedent(line, indent) for line in lines[start_line:i])
        return "block", [self.stash.html(html), ""], i

    def quote(self, lines: list[str], i: int, depth: int) -> _Block:
        """A quotation, or a callout in GitHub's form."""
        inner: list[str] = []
        while i < len(lines):
            bare = lines[i].lstrip()
            if not bare.startswith(">"):
                break
            inner.append(dedent(bare[1:], 1))
            i += 1
        alert = ALERT.match(inner[0].strip())
        if alert and is_callout_word(alert[1]):
            marker = {"": "!!!", "-": "???", "+": "???+"}[alert[2]]
            body = self.read(inner[1:], depth + 1)
            return "block", [opening_line(marker, alert[1], alert[3]), *_indented(body), ""], i
        body = self.read(inner, depth + 1)
        # After code or the like in it, a quotation does not go on in an unmarked line.
        kind = "quote" if body and body[-1] else "block"
        return kind, [f"> {line}" if line else ">" for line in body], i

    def indented(self, lines: list[str], i: int, indent: int, opener: str, depth: int) -> _Block:
        """A callout or tab: its content is indented by four below its opening line."""
        inner, i = take_indented(lines, i + 1, indent + 4)
        return "block", [opener, *_indented(self.read(inner, depth + 1)), ""], i

    def hanging(
        self, lines: list[str], i: int, indent: int, opening: re.Match[str], depth: int
    ) -> tuple[list[str], int]:
        """A footnote or definition, whose text begins on its first line, and the next index."""
        inner, end = take_indented(lines, i + 1, indent + 4)
        text = lines[i].strip()[opening.end() :]
        body = self.read([text, *inner], depth + 1)
        while body and not body[0]:
            body.pop(0)
        return [f"{opening[0]}{body[0] if body else ''}", *_indented(body[1:])], end

    def directive(self, lines: list[str], i: int, opening: re.Match[str], depth: int) -> _Block:
        """A callout in Docusaurus' form."""
        colons, word = opening[1], opening[2].lower()
        title = opening[3] or re.sub(r"\{.*?\}", "", opening[4]).strip()
        inner: list[str] = []
        i += 1
        while i < len(lines):
            bare = lines[i].strip()
            i += 1
            if bare == colons:
                break
            inner.append(lines[i - 1])
        marker = "???" if word == "details" else "!!!"
        body = self.read(inner, depth + 1)
        return "block", [opening_line(marker, word, title), *_indented(body), ""], i

    def items(self, lines: list[str], i: int, depth: int) -> _Block:
        """A run of list items of one type, with whatever they contain."""
        out: list[str] = []
        ordered: bool | None = None
        while i < len(lines):
            line = lines[i]
            bare = line.strip()
            if not bare:
                following = next_text(lines, i)
                line = lines[following] if following < len(lines) else ""
                item = ITEM.match(line.strip())
                if item is None or indent_of(line) >= 4 or (item[2] is not None) != ordered:
                    break
                out.extend("" for _ in range(following - i))
                i = following
                continue
            item = ITEM.match(bare)
            indent = indent_of(line)
            if item is None or RULE.match(bare) or (indent >= 4 and ordered is None):
                break
            if ordered is None:
                ordered = item[2] is not None
            elif ordered is not (item[2] is not None):
                break
            body, i = take_item(lines, i, indent, bare, item)
            inner = self.read(body, depth + 1, in_item=True)
            while inner and not inner[0]:
                inner.pop(0)
            while inner and not inner[-1]:
                inner.pop()
            self.count()
            marker = f"{item[2]}." if item[2] is not None else item[1]
            out.append(f"{marker} {inner[0] if inner else ''}")
            out.extend(_indented(inner[1:]))
            if "" in inner:
                # Python-Markdown would read the next item as part of this one's last paragraph.
                out.append("")
        return "list", out, i


def _text(line: str) -> str:
    """A line of a paragraph; CommonMark's backslash at its end is Python-Markdown's two spaces."""
    if line.endswith("\\") and not line.endswith("\\\\"):
        return line[:-1] + "  "
    if line.lstrip().startswith(("!!!", "???")):
        # Just an exclamation, but Python-Markdown would take it for a callout.
        return "\\" + line.lstrip()
    return line.expandtabs(4) if "\t" in line else line


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
