"""Chinese and English text into the terms that are indexed and searched.

Han, kana and hangul give every character and every pair of neighbours: measured better than a
dictionary's words, and nothing has to be loaded. Latin words are stemmed; identifiers are kept
whole (``E-1042`` → ``e1042``) and split into their parts, so that either spelling finds them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from kb.text.fold import compose, fold
from kb.text.stop import ASKING, ENGLISH, PARTICLES

ANALYSIS_VERSION = "1"
"""Changes whenever the same text would give other terms; an index of another version is rebuilt."""

MAX_TERM = 64
"""Characters of the longest term; what is longer (encoded data, mostly) is cut there."""

HAN = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"

TOKEN = re.compile(f"(?P<han>[{HAN}]+)|(?P<word>[^\\W_{HAN}]+(?:[-_.][^\\W_{HAN}]+)*)")
"""A run of Han characters, or a word with the joints inside it. Meant for folded text."""

_JOINT = re.compile("[-_.]")
_LIGATURE = re.compile("[\u2100-\u218f\u2460-\u24ff\u3200-\u33ff\ufb00-\ufb06]")
_HUMP = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a lower-case English word; anything else unchanged."""
    if len(word) <= 3 or not (word.isascii() and word.isalpha()):
        return word
    # loaded with the first word only
    from snowballstemmer.english_stemmer import EnglishStemmer  # type: ignore[import-untyped]

    return str(EnglishStemmer().stemWord(word))


def is_single(term: str) -> bool:
    """Whether `term` is one Han character on its own, the weakest kind of term."""
    return len(term) == 1 and not term.isascii()


@lru_cache(maxsize=20_000)
def word_terms(word: str, original: str) -> tuple[str, ...]:
    """Terms of one folded word; `original` is the same word as written, for its humps."""
    parts = _JOINT.split(word)
    terms = []
    if len(parts) > 1:
        numeric = all(part.isdigit() for part in parts)
        terms.append((word if numeric else "".join(parts))[:MAX_TERM])
    start = 0
    for part in parts:
        written = original[start : start + len(part)]
        start += len(part) + 1
        humps = _HUMP.findall(written) if written.isascii() and not written.islower() else ()
        if not humps and part.isascii() and not (part.isalpha() or part.isdigit()):
            humps = _HUMP.findall(part)
        if len(humps) > 1:
            terms.append(part[:MAX_TERM])
            terms.extend(stem(hump.lower())[:MAX_TERM] for hump in humps if len(hump) > 1)
        else:
            terms.append(stem(part)[:MAX_TERM])
    return tuple(terms)


def han_terms(run: str) -> list[str]:
    """Every character of a run and every pair of neighbours."""
    return [*run, *map("".join, pairwise(run))]


def _terms(text: str, folded: str) -> Iterator[str]:
    for match in TOKEN.finditer(folded):
        token = match.group()
        if match.lastgroup == "han":
            yield from han_terms(token)
        else:
            yield from word_terms(token, text[match.start() : match.end()])


def _spelled_out(text: str) -> str:
    """`text` with ㎡, Ⅳ and their like written in full, which `fold` may not do."""
    return _LIGATURE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)


def analyse(text: str, mode: Literal["index", "query"] = "index") -> list[str]:
    """The terms of `text` in order, repeats included (index) or each once (query).

    A query loses its question words and particles unless nothing else is in it.
    """
    text = _spelled_out(compose(text))
    folded = fold(text)
    if mode == "index":
        return list(_terms(text, folded))
    asked = ASKING.sub(lambda match: " " * len(match.group()), folded)
    terms = dict.fromkeys(_terms(text, asked))
    kept = [term for term in terms if term not in PARTICLES and term not in ENGLISH]
    return kept or list(terms) or list(dict.fromkeys(_terms(text, folded)))


PARTICLE_PAIR = 0.4
"""Weight of a pair with a particle in it (家的, 于何): measured, .95 → .96 MRR on questions."""


def query_terms(text: str) -> dict[str, float]:
    """The terms of a query and how much each should count, 1 for most."""
    return {
        term: PARTICLE_PAIR if len(term) == 2 and not PARTICLES.isdisjoint(term) else 1.0
        for term in analyse(text, "query")
    }
