"""One form for all the ways a character can be written: width, case, accent, 繁体 or 简体.

Folding never changes the length of a text, so a match found in the folded text stands at the same
place in the text a reader sees. Characters whose compatibility form is longer (㎡, Ⅳ, …) are
therefore left alone here; `kb.text.analyse` spells them out when it makes terms.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@cache
def simplified() -> dict[str, str]:
    """Traditional character → simplified character, about 4,000 pairs.

    The table is OpenCC's TSCharacters (Apache-2.0) as `opencc-python-reimplemented` carries it;
    where it offers several, the first is the usual one. Only the file is read: importing the
    package would cost more than the table.
    """
    spec = find_spec("opencc")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("opencc-python-reimplemented is not installed", name="opencc")
    path = Path(spec.submodule_search_locations[0], "dictionary", "TSCharacters.txt")
    table: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        traditional, _, choices = line.partition("\t")
        target = choices.split(" ")[0]
        if len(traditional) == len(target) == 1:
            table[traditional] = target
    return table


def _fold_character(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # half a surrogate pair cannot be written as UTF-8
        return REPLACEMENT
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if ord(c) < 0x80)
    whole = unicodedata.normalize("NFKC", character)
    if len(bare) == 1 and bare.isalpha() and unicodedata.category(character)[0] == "L":
        return bare.lower()  # é → e, but not が → か: only Latin letters lose their marks
    if len(whole) != 1:
        return character
    lower = whole.lower()
    if len(lower) == 1:
        whole = lower
    return simplified().get(whole, whole)


class _FoldTable(dict[int, str]):
    """A translation table for str.translate that learns characters as they come by."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = folded
        return folded


_REMEMBERED = 40_000  # more than any language uses; a text of all of Unicode must not fill memory
_TABLE = _FoldTable()
_HALF_SURROGATE = re.compile("[\ud800-\udfff]")


def compose(text: str) -> str:
    """`text` with accents composed (NFC) and half surrogates replaced: what is kept and shown."""
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        text = _HALF_SURROGATE.sub(REPLACEMENT, text)
    return text


def fold(text: str) -> str:
    """`text` in half width, lower case, without Latin accents, in simplified characters.

    The result has the same length, character for character.
    """
    return text.lower() if text.isascii() else text.translate(_TABLE)
