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
from kb.markup.vocabulary import CALLOUT_ALIASES, CALLOUT_TITLES, callout_type

_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
_ITEM = re.compile(r"([-+*]|(\d{1,9})[.)])([ \t]+|$)")
_RULE = re.compile(r"([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_CALLOUT = re.compile(r"(!!!|\?\?\?\+?)[ \t]*([^\W\d][\w-]*)[ \t]*(.*)$")
_TAB = re.compile(r'===(?:\+|!|\+!|!\+)?[ \t]+".*"[ \t]*$')
_DIRECTIVE = re.compile(r"(:{3,})[ \t]*([^\W\d][\w-]*)[ \t]*(?:\[(.*?)\])?[ \t]*(.*)$")
_ALERT = re.compile(r"\[!([A-Za-z]+)\]([+-]?)[ \t]*(.*)$")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:")
_DEFINITION = re.compile(r":[ ]{1,3}\S")
_REFERENCE = re.compile(r"\[[^\[\]]+\]:")
_DELIMITER_ROW = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")

_BLOCK_HTML = re.compile(
    r"</?(?:address|article|aside|blockquote|body|caption|center|col|colgroup|dd|details|dialog|div"
    r"|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|legend|li"
    r"|main|menu|nav|ol|optgroup|option|p|search|section|summary|table|tbody|td|tfoot|th|thead"
    r"|title|tr|ul|video)(?=[\s/>]|$)",
    re.IGNORECASE,
)
_VERBATIM_HTML = re.compile(r"<(pre|script|style|textarea)(?=[\s>]|$)", re.IGNORECASE)
_MARKUP_HTML = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"))


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


def _indent(line: str) -> int:
    """Width of the leading white space, tabs reaching to the next multiple of four."""
    width = 0
    for char in line:
        if char == " ":
            width += 1
        elif char == "\t":
            width += 4 - width % 4
        else:
            break
    return width


def _dedent(line: str, columns: int) -> str:
    """`line` without up to `columns` columns of leading white space."""
    width = 0
    for position, char in enumerate(line):
        if width >= columns or char not in " \t":
            return " " * (width - columns) + line[position:]
        width += 1 if char == " " else 4 - width % 4
    return ""


class _Reader:
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
            indent = _indent(line)
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
        # Python-Markdown needs no space after the "#" of a heading.
        alone = bare[0] == "#" or (_RULE.match(bare) is not None and not underline)
        if not underline and (
            alone
            or last in ("list", "block")
            or (last == "text" and (_starts_table(lines, i) or _REFERENCE.match(bare)))
            or (last == "definition" and _DEFINITION.match(lines[min(i + 1, len(lines) - 1)].strip()))
        ):
            self.blank(out)
        if _starts_table(lines, i):
            columns = bare.count("|") + 1
            end = i
            while end < len(lines) and lines[end].strip():
                if lines[end].count("`") > MAX_ROW_TICKS:
                    raise too_complex(lines[end])
                end += 1
            self.count(columns * (end - i))
        out.append(_text(line))
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
    ) -> tuple[str, list[str], int] | None:
        """The block that starts at line `i`: its kind, its lines rewritten, and the next index."""
        char = bare[0]
        if char in "`~":
            fence = _FENCE.match(bare)
            return self.fence(lines, i, indent, fence) if fence else None
        if char == "<":
            return self.html(lines, i, indent, bare)
        if char == ">":
            return self.quote(lines, i, depth)
        if char in "-+*0123456789":
            item = _ITEM.match(bare)
            if item and not _RULE.match(bare) and not (last == "text" and _cannot_interrupt(item)):
                return self.items(lines, i, depth)
            return None
        if char in "!?":
            callout = _CALLOUT.match(bare)
            if callout and _is_callout(callout):
                opener = _opener(callout[1], callout[2], callout[3])
                return self.indented(lines, i, indent, opener, depth)
            return None
        if char == "=" and _TAB.match(bare):
            self.tabs += 1
            if self.tabs > MAX_TABS:
                raise too_many_blocks()
            return self.indented(lines, i, indent, bare, depth)
        if char == ":":
            directive = _DIRECTIVE.match(bare)
            if directive and _is_callout_word(directive[2]):
                return self.directive(lines, i, directive, depth)
            if _DEFINITION.match(bare) and (last == "text" or (i and not lines[i - 1].strip())):
                return self.definition(lines, i, indent, bare, depth)
            return None
        if char == "[" and _FOOTNOTE.match(bare):
            return self.indented(lines, i, indent, bare, depth)
        return None

    def fence(
        self, lines: list[str], i: int, indent: int, opening: re.Match[str]
    ) -> tuple[str, list[str], int]:
        mark = opening[1] or opening[3]
        info = opening[2] if opening[1] else opening[4]
        code: list[str] = []
        i += 1
        while i < len(lines):
            line = lines[i]
            bare = line.strip()
            i += 1
            if (
                bare.startswith(mark)
                and not bare.strip(mark[0])
                and _indent(line) <= indent + 3
            ):
                break
            code.append(_dedent(line, indent))
        text = "\n".join(code) + "\n" if code else ""
        return "block", [self.stash.code(text, info or ""), ""], i

    def html(
        self, lines: list[str], i: int, indent: int, bare: str
    ) -> tuple[str, list[str], int] | None:
        end = ""
        verbatim = _VERBATIM_HTML.match(bare)
        if verbatim:
            end = f"</{verbatim[1].lower()}>"
        else:
            for start, stop in _MARKUP_HTML:
                if bare.startswith(start):
                    end = stop
        if not end and not _BLOCK_HTML.match(bare):
            return None
        start_line = i
        while i < len(lines):
            line = lines[i]
            if end:
                i += 1
                if end in line.lower():
                    break
            elif line.strip():
                i += 1
            else:
                break
        html = "\n".join(_dedent(line, indent) for line in lines[start_line:i])
        return "block", [self.stash.html(html), ""], i

    def quote(self, lines: list[str], i: int, depth: int) -> tuple[str, list[str], int]:
        inner: list[str] = []
        while i < len(lines):
            bare = lines[i].lstrip()
            if not bare.startswith(">"):
                break
            inner.append(_dedent(bare[1:], 1))
            i += 1
        alert = _ALERT.match(inner[0].strip())
        if alert and _is_callout_word(alert[1]):
            marker = {"": "!!!", "-": "???", "+": "???+"}[alert[2]]
            body = self.read(inner[1:], depth + 1)
            return "block", [_opener(marker, alert[1], alert[3]), *_indented(body), ""], i
        body = self.read(inner, depth + 1)
        return "quote", [f"> {line}" if line else ">" for line in body], i

    def indented(
        self, lines: list[str], i: int, indent: int, opener: str, depth: int
    ) -> tuple[str, list[str], int]:
        """A block whose content is indented by four: callout, tab, footnote."""
        inner, i = _take_indented(lines, i + 1, indent + 4)
        return "block", [opener, *_indented(self.read(inner, depth + 1)), ""], i

    def definition(
        self, lines: list[str], i: int, indent: int, opener: str, depth: int
    ) -> tuple[str, list[str], int]:
        inner, end = _take_indented(lines, i + 1, indent + 4)
        written = [opener, *_indented(self.read(inner, depth + 1))]
        # The term is the line above, and no blank line may come between: a kind of its own.
        return "definition", written, end

    def directive(
        self, lines: list[str], i: int, opening: re.Match[str], depth: int
    ) -> tuple[str, list[str], int]:
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
        return "block", [_opener(marker, word, title), *_indented(body), ""], i

    def items(self, lines: list[str], i: int, depth: int) -> tuple[str, list[str], int]:
        """A run of list items of one type, with whatever they contain."""
        out: list[str] = []
        ordered: bool | None = None
        while i < len(lines):
            line = lines[i]
            bare = line.strip()
            if not bare:
                following = _next_text(lines, i)
                item = _ITEM.match(lines[following].strip()) if following < len(lines) else None
                if item is None or _indent(lines[following]) >= 4 or (item[2] is not None) != ordered:
                    break
                out.extend("" for _ in range(following - i))
                i = following
                continue
            item = _ITEM.match(bare)
            indent = _indent(line)
            if item is None or _RULE.match(bare) or (indent >= 4 and ordered is None):
                break
            if ordered is None:
                ordered = item[2] is not None
            elif ordered is not (item[2] is not None):
                break
            body, i = _take_item(lines, i, indent, bare, item)
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


def _next_text(lines: list[str], i: int) -> int:
    """Index of the first line from `i` on that is not blank."""
    while i < len(lines) and not lines[i].strip():
        i += 1
    return i


def _take_indented(lines: list[str], i: int, columns: int) -> tuple[list[str], int]:
    """The blank and sufficiently indented lines from `i` on, dedented; trailing blanks stay."""
    inner: list[str] = []
    end = i
    while i < len(lines):
        line = lines[i]
        if line.strip():
            if _indent(line) < columns:
                break
            inner.append(_dedent(line, columns))
            end = i + 1
        else:
            inner.append("")
        i += 1
    return inner[: len(inner) - (i - end)], end


def _take_item(
    lines: list[str], i: int, indent: int, bare: str, item: re.Match[str]
) -> tuple[list[str], int]:
    """The lines of the list item at `i`, dedented, and the index after them."""
    rest = bare[item.end() :]
    spaces = _indent(item[3])
    if not rest or spaces > 4:
        spaces = 1
        rest = item[3][1:] + rest
    offset = indent + len(item[1]) + spaces
    body = [rest]
    i += 1
    after_blank = False
    while i < len(lines):
        line = lines[i]
        if not line.strip():
            following = _next_text(lines, i)
            # Authors often indent by two where the marker asks for three or four.
            if following == len(lines) or _indent(lines[following]) < min(offset, indent + 2):
                break
            body.extend("" for _ in range(following - i))
            i, after_blank = following, True
            continue
        width = _indent(line)
        if width >= offset:
            body.append(_dedent(line, offset))
        elif width >= indent + 2:
            body.append(line.lstrip())
        elif after_blank or _starts_block(line.strip()) or not _is_paragraph(body[-1]):
            break
        else:
            body.append(line.lstrip())
        after_blank = False
        i += 1
    return body, i


def _is_paragraph(line: str) -> bool:
    """Whether `line`, the last one of an item, may go on in a less indented line."""
    bare = line.strip()
    return bool(bare) and not (
        bare[0] in "|<" or _FENCE.match(bare) or _HEADING.match(bare) or _RULE.match(bare)
    )


def _starts_block(bare: str) -> bool:
    """Whether a line cannot be the lazy continuation of a paragraph."""
    return bool(
        bare[0] in ">"
        or _ITEM.match(bare)
        or _FENCE.match(bare)
        or _HEADING.match(bare)
        or _RULE.match(bare)
        or _CALLOUT.match(bare)
        or _TAB.match(bare)
        or (bare[0] == "<" and (_BLOCK_HTML.match(bare) or _VERBATIM_HTML.match(bare)))
        or _FOOTNOTE.match(bare)
        or bare.startswith((":::", "|"))
    )


def _starts_table(lines: list[str], i: int) -> bool:
    """Whether line `i`, in the middle of a paragraph, is the header of a table."""
    return (
        "|" in lines[i]
        and i + 1 < len(lines)
        and "|" in lines[i + 1]
        and _DELIMITER_ROW.match(lines[i + 1]) is not None
    )


def _cannot_interrupt(item: re.Match[str]) -> bool:
    """An empty item, or one not numbered 1, does not end a paragraph (CommonMark 5.3)."""
    return not item[3] or (item[2] is not None and item[2] != "1")


def _is_callout_word(word: str) -> bool:
    key = word.lower()
    return key in CALLOUT_TITLES or key in CALLOUT_ALIASES or key == "details"


def _is_callout(callout: re.Match[str]) -> bool:
    """Whether ``!!! word …`` is a callout and not just an exclamation ("!!!真的")."""
    rest = callout[3]
    return _is_callout_word(callout[2]) and (not rest or callout[0][3] in ' +"') or (
        callout[2].isascii() and callout[0].lstrip("!?+")[:1] == " " and (not rest or rest[0] in '"“「')
    )


def _opener(marker: str, word: str, rest: str) -> str:
    """The first line of a callout, with its type and title spelled out."""
    kind = callout_type(word)
    rest = rest.strip()
    quoted = re.fullmatch(r'(?:[A-Za-z]+[ \t]+)*["“「](.*)["”」]', rest)
    if quoted:
        title = quoted[1].strip()
    else:
        # MkDocs places callouts with "inline" and "end"; there is no such thing here.
        title = re.sub(r"^(?:(?:inline|end)\b[ \t]*)+", "", rest) or CALLOUT_TITLES[kind]
        if not rest and word.lower() == "details":
            title = "详情"
    return f'{marker} {kind} "{title}"'
