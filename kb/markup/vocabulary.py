"""The words of the renderer's HTML: callout types, classes, tags, attributes, reserved ids.

`kb.markup` describes how they are put together.
"""

from __future__ import annotations

from collections.abc import Mapping

from pygments.token import STANDARD_TYPES


def words(text: str) -> frozenset[str]:
    """The words of `text`, as a set."""
    return frozenset(text.split())


RENDERER_VERSION = "1"
"""Raise it whenever the same source gives other HTML than before: caches are keyed by it."""

CALLOUT_TITLES: Mapping[str, str] = {
    "note": "说明",
    "info": "信息",
    "tip": "提示",
    "important": "重要",
    "success": "完成",
    "question": "问题",
    "warning": "注意",
    "danger": "警告",
    "example": "示例",
    "quote": "引用",
    "abstract": "摘要",
}

CALLOUT_ALIASES: Mapping[str, str] = {
    "seealso": "info",
    "todo": "info",
    "hint": "tip",
    "check": "success",
    "done": "success",
    "faq": "question",
    "help": "question",
    "attention": "warning",
    "caution": "danger",
    "error": "danger",
    "failure": "danger",
    "fail": "danger",
    "missing": "danger",
    "bug": "danger",
    "cite": "quote",
    "summary": "abstract",
    "tldr": "abstract",
    "说明": "note",
    "信息": "info",
    "提示": "tip",
    "重要": "important",
    "注意": "warning",
    "警告": "danger",
    "危险": "danger",
    "示例": "example",
}


def callout_type(word: str) -> str:
    """The callout type that `word` (as an author writes it) stands for; ``note`` when unknown."""
    key = word.lower()
    key = CALLOUT_ALIASES.get(key, key)
    return key if key in CALLOUT_TITLES else "note"


RESERVED_IDS = words(
    "account actions admin alert article aside banner body breadcrumb breadcrumbs content "
    "contents cookie csrf dialog document editor facets feedback filters footer form head "
    "header help hits history home html icon icons index kinds library login logo logout main "
    "menu messages meta nav navigation next notice outline page pager plugins portal prev "
    "preview previous print profile q query related results root search settings sidebar site "
    "skip spaces status suggest suggestions tags theme title toast toc toggle token tool "
    "toolbar top tree user users window location parent self opener frames length name event "
    "screen forms images links"
)
"""Ids that page templates use (and names that scripts look up): never an anchor of an article."""

SIGNED_ATTRIBUTES = frozenset({"id", "for", "role", "tabindex", "aria-label", "name"})
"""Attributes that only the renderer may set; an author's own are dropped (see `sanitise`)."""

PLAIN_TAGS = words(
    "p br hr strong em b i u s del ins mark sub sup small kbd samp var code pre q cite abbr "
    "dfn time ruby rt rp wbr blockquote ul ol li dl dt dd table caption thead tbody tfoot tr "
    "th td div span section details summary figure figcaption h2 h3 h4 h5 h6 a img video "
    "source track input label"
)

TAG_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset({"class", "title", "lang", "dir", "id", "role", "tabindex", "aria-label"}),
    "a": frozenset({"href", "rel"}),
    "img": frozenset({"src", "alt", "width", "height", "loading", "decoding", "fetchpriority"}),
    "video": frozenset({"controls", "preload", "width", "height", "poster"}),
    "source": frozenset({"src", "type"}),
    "track": frozenset({"kind", "src", "srclang", "label", "default"}),
    "ol": frozenset({"start", "reversed"}),
    "li": frozenset({"value"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "details": frozenset({"open"}),
    "input": frozenset({"type", "name", "checked", "disabled"}),
    "label": frozenset({"for"}),
    "pre": frozenset({"data-lang", "data-title"}),
    "div": frozenset({"data-tabs"}),
    "time": frozenset({"datetime"}),
}

CLASSES = words(
    "callout callout-title code figure figure-video video-download missing-media remote-media "
    "table-wrap align-left align-center align-right tabbed-set tabbed-labels tabbed-content "
    "tabbed-block task-list task-list-item footnotes footnote-ref footnote-backref external "
    "dead-link heading-anchor"
) | frozenset(name for name in STANDARD_TYPES.values() if name)
"""Classes that come through as they are; the last part are Pygments' short names."""

CLASS_PREFIXES = ("callout-", "language-")

FORBIDDEN_TAGS = words(
    "script style iframe frame frameset object embed applet base meta link template slot "
    "noscript form input button select option textarea portal h1 title html head body "
    "plaintext xmp noembed noframes animate animatemotion animatetransform set use "
    "foreignobject image annotation-xml"
)
"""Tags that no extension may ask for."""

FORBIDDEN_ATTRIBUTES = words(
    "style srcdoc action formaction srcset ping background data manifest target "
    "contenteditable autofocus accesskey nonce"
)
"""Attributes that no extension may ask for, besides everything that begins with ``on``."""

VIDEO_TYPES: Mapping[str, str] = {".mp4": "video/mp4", ".webm": "video/webm"}
