"""Code blocks: coloured on the server with Pygments' class names, never inline styles."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from kb.markup.bounds import MAX_HIGHLIGHT

_LANGUAGE = re.compile(r"\{?\s*\.?([\w+#./-]{1,30})")
_TITLE = re.compile(r"""\btitle\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NOT_CLASS = re.compile(r"[^a-z0-9+#.-]+")
_PLAIN = frozenset({"text", "txt", "plain", "plaintext", "none", "log", "output"})


def parse_info(info: str) -> tuple[str, str]:
    """The language (lower case, may be empty) and title of a fence's info string."""
    info = info.strip()[:300]
    title = _TITLE.search(info)
    bare = _TITLE.sub("", info)
    language = _LANGUAGE.match(bare)
    return (
        language.group(1).lower() if language else "",
        (title.group(1) or title.group(2) or "") if title else "",
    )


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        # ensurenl=False: the code is shown as the author wrote it.
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _class_of(token: object) -> str:
    """Pygments' short class of a token type, or of its nearest ancestor that has one."""
    kind = token
    while kind not in STANDARD_TYPES and kind is not None:
        kind = getattr(kind, "parent", None)
    return STANDARD_TYPES.get(kind, "")  # type: ignore[call-overload, no-any-return]


def _spans(code: str, lexer: Lexer) -> str:
    """The code as HTML, with neighbours of one class in one span."""
    out: list[str] = []
    held, held_class = "", ""
    for kind, value in lexer.get_tokens(code):
        name = _class_of(kind)
        if name == held_class or value.isspace():
            held += value
            continue
        out.append(_span(held, held_class))
        held, held_class = value, name
    out.append(_span(held, held_class))
    return "".join(out)


def _span(text: str, name: str) -> str:
    return f'<span class="{name}">{escape(text)}</span>' if name and text else escape(text)


def code_block(code: str, info: str, *, tabindex: str, colour: bool = True) -> str:
    """HTML of a code block; `info` is what follows the fence, `tabindex` a signed ``0``."""
    language, title = parse_info(info)
    attributes, code_class = "", ""
    if language:
        attributes += f' data-lang="{escape(language)}"'
        short = _NOT_CLASS.sub("", language)
        code_class = f' class="language-{short}"' if short else ""
    if title:
        attributes += f' data-title="{escape(title)}"'
    lexer = (
        _lexer(language)
        if colour and language and language not in _PLAIN and len(code) <= MAX_HIGHLIGHT
        else None
    )
    body = escape(code) if lexer is None else _spans(code, lexer)
    return (
        f'<pre class="code"{attributes} tabindex="{tabindex}"><code{code_class}>{body}</code></pre>'
    )
