"""Words that ask rather than name: they are left out of a query, never out of the index."""

from __future__ import annotations

import re

_MEASURES = "个种位条座项款家只场件名本张支次部所类些"

ASKING = re.compile(
    "请问|想问一下|为什么|是什么|什么是|什么(?:样的?|时候|叫|意思)?|怎么(?:样|办|才能)?|怎样|如何|为何|"
    f"何(?:时|地|处|种|谓|人)|哪(?:[一几两]?[{_MEASURES}]|里|儿|边)?|几[{_MEASURES}]|谁|"
    "多少|多(?:久|大|长|高|远|重)|是否|有没有|能不能|可不可以|会不会|是不是|要不要|[吗呢吧啊](?!\\w)"
)
"""Question words and phrases, in folded text; a run of Han characters is cut where one stands."""

PARTICLES = frozenset("的了是在有和与及或于为以之也其被把从到对由而并但就都还")
"""Characters too common to mean anything alone; the pairs they form (目的, 了解) are kept."""

ENGLISH = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "or",
        "our",
        "should",
        "that",
        "the",
        "this",
        "to",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "you",
        "your",
    ]
)
"""English words that carry no subject."""
