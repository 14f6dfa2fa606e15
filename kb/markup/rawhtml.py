"""HTML that authors type: links and media resolved as in Markdown, tables wrapped.

This works on text, tag by tag, and is only for looks: what is safe is decided afterwards by
`kb.markup.sanitise`. A tag that is not recognised here goes through to it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from xml.etree.ElementTree import Element

from markdown.serializers import to_html_string

from kb.markup.bounds import MAX_OPEN_TAGS, too_deep
from kb.markup.media import media_element
from kb.markup.page import Page
from kb.markup.vocabulary import words

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*+)((?:\s[^<>\"']*+|/|\"[^\"<>]*+\"|'[^'<>]*+')*+)>")
_ATTRIBUTE = re.compile(
    r"([a-zA-Z_:][\w:.-]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'=<>`]++)))?+"
)
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_VOID = words("area base br col embed hr img input link meta param source track wbr")
# Their end tags may be left out, and they do not nest in themselves.
_OPTIONAL_END = words("p li dt dd tr td th thead tbody tfoot option optgroup rt rp")


def rewrite(html: str, page: Page) -> str:
    """The author's `html` with links and media resolved and tables wrapped.

    Raises ProblemError when more than `MAX_OPEN_TAGS` elements stay open inside each other.
    """
    balanced = len(re.findall(r"<table\b", html, re.I)) == len(
        re.findall(r"</table\s*>", html, re.I)
    )

    def replace(match: re.Match[str]) -> str:
        closing, name, rest = match[1], match[2].lower(), match[3]
        if name not in _VOID and name not in _OPTIONAL_END:
            page.open_tags = max(0, page.open_tags + (-1 if closing else 1))
            if page.open_tags > MAX_OPEN_TAGS:
                raise too_deep("HTML 标签")
        if name == "h1":
            return f"<{closing}h2>"
        if name == "table" and balanced:
            return (
                "</table></div>" if closing else _start_tag("div", page.table_region()) + match[0]
            )
        if closing:
            return match[0]
        if name == "a":
            return _link(match[0], _attributes(rest), page)
        if name == "img":
            return to_html_string(media_element(page, _attributes(rest)))
        if name == "video":
            return _video(_attributes(rest), page)
        if name == "source":
            source = _attributes(rest).get("src", "")
            ref = page.resolve_media(source) if source else None
            return "" if ref is None else to_html_string(Element("source", {"src": ref.url}))
        return match[0]

    return _TAG.sub(replace, html)


def _start_tag(name: str, attributes: Mapping[str, str]) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in sorted(attributes.items()))
    return f"<{name}{written}>"


def _attributes(text: str) -> dict[str, str]:
    """Attributes of a tag; the first of two equal names counts, as in browsers."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def _link(tag: str, attributes: dict[str, str], page: Page) -> str:
    if "href" not in attributes:
        return tag
    url, external = page.resolve_link(attributes["href"].strip())
    if url is None:
        return '<a class="dead-link">'
    kept = {"href": url, "title": attributes.get("title", "")}
    if external:
        kept |= {"class": "external", "rel": "noopener noreferrer"}
    return _start_tag("a", {name: value for name, value in kept.items() if value})


def _video(attributes: dict[str, str], page: Page) -> str:
    """The start tag of a video, with its source inside; the author's end tag closes it."""
    if "src" not in attributes:
        label = page.sign(attributes.get("title") or "视频")
        return f'<video controls preload="none" aria-label="{escape(label)}">'
    return to_html_string(media_element(page, attributes)).removesuffix("</video>")
