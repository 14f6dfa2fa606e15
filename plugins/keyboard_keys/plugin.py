"""``[[Ctrl+K]]`` becomes the keys a reader sees on the keyboard."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from portal.api import (
    N_,
    MarkdownExtension,
    MarkupExtension,
    PluginContext,
    PluginManifest,
    hookimpl,
)

manifest = PluginManifest(
    name="keyboard_keys",
    title=N_("键盘按键"),
    summary=N_("写 [[Ctrl+K]]，显示成键盘上的按键"),
    category="content",
)

# A lone + is a key itself: [[Ctrl++]] is Ctrl and plus.
KEYS = r"\[\[([^\[\]\n]{1,40})\]\]"
PRIORITY = 175
"""Below inline code (190), so that code stays as typed; above links (160)."""


def keys_of(text: str) -> list[str]:
    """``"Ctrl+Shift+P"`` → its keys; empty when there is an empty key."""
    text = text.strip()
    last = ""
    if text.endswith("+"):
        text, last = text[:-1].removesuffix("+"), "+"
    keys = [key.strip() for key in text.split("+")] if text else []
    if last:
        keys.append(last)
    return keys if all(keys) else []


class Keys(InlineProcessor):
    """Makes ``<span class="keys"><kbd>Ctrl</kbd>+<kbd>K</kbd></span>``."""

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element | None, int | None, int | None]:
        """The element for one match; nothing when it is not a list of keys."""
        keys = keys_of(m.group(1))
        if not keys:
            return None, None, None
        span = ElementTree.Element("span", {"class": "keys"})
        for number, key in enumerate(keys):
            kbd = ElementTree.SubElement(span, "kbd")
            kbd.text = AtomicString(key)
            if number < len(keys) - 1:
                kbd.tail = "+"
        return span, m.start(0), m.end(0)


class KeysExtension(Extension):
    """The Python-Markdown extension."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Add the pattern."""
        md.inlinePatterns.register(Keys(KEYS, md), "portal-keys", PRIORITY)


@hookimpl
def portal_markdown_extensions(ctx: PluginContext) -> list[MarkdownExtension]:
    """Keys between double brackets."""
    markup = MarkupExtension("keyboard_keys", manifest.version, KeysExtension, {"kbd": frozenset()})
    return [MarkdownExtension(markup, N_("键盘按键"), N_("按 [[Ctrl+K]] 打开搜索"))]
