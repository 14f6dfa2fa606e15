"""What a line of Markdown is, and which lines belong together (CommonMark's rules)."""

from __future__ import annotations

import re

from kb.markup.callouts import CALLOUT

FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
ITEM = re.compile(r"([-+*]|(\d{1,9})[.)])([ \t]+|$)")
RULE = re.compile(r"([-*_])(?:[ \t]*+\1){2,}+[ \t]*+$")
TAB = re.compile(r'===(?:\+|!|\+!|!\+)?[ \t]+".*"[ \t]*$')
FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:[ \t]*")
DEFINITION = re.compile(r":[ ]{1,3}(?=\S)")
REFERENCE = re.compile(r"\[[^\[\]]+\]:")
_DELIMITER_ROW = re.compile(r"\|?[ \t]*+:?-++:?[ \t]*+(\|[ \t]*+:?-++:?[ \t]*+)*+\|?$")
HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
BLOCK_HTML = re.compile(
    r"</?(?:address|article|aside|blockquote|body|caption|center|col|colgroup|dd|details|dialog|div"
    r"|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|legend|li"
    r"|main|menu|nav|ol|optgroup|option|p|search|section|summary|table|tbody|td|tfoot|th|thead"
    r"|title|tr|ul|video)(?=[\s/>]|$)",
    re.IGNORECASE,
)
OPENING_TAG = re.compile(r"<(?!(?:br|hr|img|input|col|source|track|wbr)\b)[a-zA-Z]", re.IGNORECASE)
VERBATIM_HTML = re.compile(r"<(pre|script|style|textarea)(?=[\s>]|$)", re.IGNORECASE)
MARKUP_HTML = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"))


def indent_of(line: str) -> int:
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


def dedent(line: str, columns: int) -> str:
    """`line` without up to `columns` columns of leading white space."""
    width = 0
    for position, char in enumerate(line):
        if width >= columns or char not in " \t":
            return " " * (width - columns) + line[position:]
        width += 1 if char == " " else 4 - width % 4
    return ""


def next_text(lines: list[str], i: int) -> int:
    """Index of the first line from `i` on that is not blank."""
    while i < len(lines) and not lines[i].strip():
        i += 1
    return i


def take_indented(lines: list[str], i: int, columns: int) -> tuple[list[str], int]:
    """The blank and sufficiently indented lines from `i` on, dedented; trailing blanks stay."""
    inner: list[str] = []
    end = i
    while i < len(lines):
        line = lines[i]
        if line.strip():
            if indent_of(line) < columns:
                break
            inner.append(dedent(line, columns))
            end = i + 1
        else:
            inner.append("")
        i += 1
    return inner[: len(inner) - (i - end)], end


def take_item(
    lines: list[str], i: int, indent: int, bare: str, item: re.Match[str]
) -> tuple[list[str], int]:
    """The lines of the list item at `i`, dedented, and the index after them."""
    rest = bare[item.end() :]
    spaces = indent_of(item[3])
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
            following = next_text(lines, i)
            # Authors often indent by two where the marker asks for three or four.
            if following == len(lines) or indent_of(lines[following]) < min(offset, indent + 2):
                break
            body.extend("" for _ in range(following - i))
            i, after_blank = following, True
            continue
        width = indent_of(line)
        if width >= offset:
            body.append(dedent(line, offset))
        elif width >= indent + 2:
            body.append(line.lstrip())
        elif after_blank or starts_block(line.strip()) or not is_paragraph(body[-1]):
            break
        else:
            body.append(line.lstrip())
        after_blank = False
        i += 1
    return body, i


def is_paragraph(line: str) -> bool:
    """Whether `line`, the last one of an item, may go on in a less indented line."""
    bare = line.strip()
    return bool(bare) and not (
        bare[0] in "|<" or FENCE.match(bare) or HEADING.match(bare) or RULE.match(bare)
    )


def starts_block(bare: str) -> bool:
    """Whether a line cannot be the lazy continuation of a paragraph."""
    return bool(
        bare[0] in ">"
        or ITEM.match(bare)
        or FENCE.match(bare)
        or HEADING.match(bare)
        or RULE.match(bare)
        or CALLOUT.match(bare)
        or TAB.match(bare)
        or (bare[0] == "<" and (BLOCK_HTML.match(bare) or VERBATIM_HTML.match(bare)))
        or FOOTNOTE.match(bare)
        or bare.startswith((":::", "|"))
    )


def starts_table(lines: list[str], i: int) -> bool:
    """Whether line `i`, in the middle of a paragraph, is the header of a table."""
    return (
        "|" in lines[i]
        and i + 1 < len(lines)
        and "|" in lines[i + 1]
        and _DELIMITER_ROW.match(lines[i + 1].strip()) is not None
    )


def cannot_interrupt(item: re.Match[str]) -> bool:
    """An empty item, or one not numbered 1, does not end a paragraph (CommonMark 5.3)."""
    return not item[3] or (item[2] is not None and item[2] != "1")
