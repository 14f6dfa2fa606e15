"""Code blocks: coloured on the server with Pygments' class names, never inline styles."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import STANDARD_TYPES

from kb.markup.bounds import MAX_HIGHLIGHT, MAX_HIGHLIGHT_SECONDS, MAX_HIGHLIGHT_TOTAL

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


@dataclass
class Effort:
    """What colouring the code of one document has cost so far.

    Lexers are regular expressions, and on odd input some are quadratic: what a document may spend
    is bounded in characters and in processor time, and the rest of its code is shown plain.
    """

    characters: int = 0
    seconds: float = 0.0

    @property
    def is_spent(self) -> bool:
        """Whether the rest is to be shown plain."""
        return self.characters > MAX_HIGHLIGHT_TOTAL or self.seconds > MAX_HIGHLIGHT_SECONDS


@cache
def _known() -> frozenset[str]:
    """Every name of a language. (Asking Pygments for an unknown one goes through all packages.)"""
    return frozenset(name for lexer in get_all_lexers(plugins=False) for name in lexer[1])


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer:
    # ensurenl=False: the code is shown as the author wrote it.
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


@lru_cache(maxsize=512)
def _class_of(token: object) -> str:
    """Pygments' short class of a token type, or of its nearest ancestor that has one."""
    kind = token
    while kind not in STANDARD_TYPES and kind is not None:
        kind = getattr(kind, "parent", None)
    return STANDARD_TYPES.get(kind, "")  # type: ignore[call-overload, no-any-return]


def _spans(code: str, lexer: Lexer, effort: Effort) -> str | None:
    """The code as HTML, neighbours of one class in one span; None when it takes too long."""
    out: list[str] = []
    held, held_class = "", ""
    started = time.thread_time()
    spent = effort.seconds
    for number, (kind, value) in enumerate(lexer.get_tokens(code)):
        if number % 32 == 0:
            effort.seconds = spent + time.thread_time() - started
            if effort.is_spent:
                return None
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


def code_block(code: str, info: str, effort: Effort, *, tabindex: str) -> str:
    """HTML of a code block; `info` is what follows the fence, `tabindex` a signed ``0``."""
    language, title = parse_info(info)
    attributes, code_class = "", ""
    if language:
        attributes += f' data-lang="{escape(language)}"'
        short = _NOT_CLASS.sub("", language)
        code_class = f' class="language-{short}"' if short else ""
    if title:
        attributes += f' data-title="{escape(title)}"'
    body = None
    if language in _known() and language not in _PLAIN and len(code) <= MAX_HIGHLIGHT:
        effort.characters += len(code)
        if not effort.is_spent:
            body = _spans(code, _lexer(language), effort)
    if body is None:
        body = escape(code)
    start = f'<pre class="code"{attributes} tabindex="{tabindex}">'
    return f"{start}<code{code_class}>{body}</code></pre>"
