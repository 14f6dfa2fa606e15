"""From Python-Markdown's element tree to the renderer's vocabulary, in one walk."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, STX

from kb.markup.media import figure, media_element
from kb.markup.page import Page
from kb.markup.rawhtml import rewrite
from kb.markup.vocabulary import callout_type

_TAGS = re.compile(r"<[^>]*>")
_TASK = re.compile(r"\s*\[([ xX])\](?:\s+|$)")
_TAB_ID = re.compile(r"__tabbed_(\d+(?:_\d+)?)")
_SPACE = re.compile(r"\s+")
# A line end between two Chinese characters is not a space (browsers would show one).
_CJK = r"[\u3001-\u303f\u3400-\u9fff\uff01-\uff60]"
_CJK_BREAK = re.compile(rf"(?<={_CJK})\n(?={_CJK})")

Handler = Callable[[Element, int, Element], None]


class VocabularyTreeprocessor(Treeprocessor):
    """Shapes the finished tree; runs after everything else that changes it."""

    def __init__(self, md: Markdown, input_tag: str) -> None:
        super().__init__(md)
        self.input_tag = input_tag
        self.page = Page()
        self.local_links: list[Element] = []
        handlers: dict[str, Handler] = {
            "a": self.link,
            "img": self.picture,
            "p": self.paragraph,
            "div": self.division,
            "details": self.details,
            "table": self.table,
            "pre": self.code,
            "li": self.item,
            "sup": self.reference,
        }
        handlers |= {f"h{level}": self.heading for level in range(1, 7)}
        self.handlers = handlers

    def run(self, root: Element) -> None:
        """Change `root` in place."""
        self.local_links = []
        self.walk(root)
        for link in self.local_links:
            # To a heading whose anchor had to give way to an id of the page's own.
            anchor = link.get("href", "")[1:]
            if anchor not in self.page.taken and f"s-{anchor}" in self.page.taken:
                link.set("href", f"#s-{anchor}")

    def walk(self, parent: Element) -> None:
        """Children first: what they become decides what their parent is.

        A handler may put another element in the place of its own, but never more or fewer.
        """
        if parent.text:
            self.text(parent)
        for index, child in enumerate(list(parent)):
            tag = child.tag
            self.walk(child)
            handler = self.handlers.get(tag)
            if handler is not None:
                handler(parent, index, child)
            # A handler that put another element there moved the tail along.
            if parent[index].tail:
                self.tail(parent[index])

    def text(self, element: Element) -> None:
        """Resolve the author's HTML in the text of `element`; join Chinese lines."""
        text = element.text or ""
        if STX in text:
            self.stashed(text)
        if "\n" in text and element.tag not in ("code", "pre"):
            element.text = _CJK_BREAK.sub("", text)

    def tail(self, element: Element) -> None:
        """The same for the text after `element`."""
        tail = element.tail or ""
        if STX in tail:
            self.stashed(tail)
        if "\n" in tail:
            element.tail = _CJK_BREAK.sub("", tail)

    def stashed(self, text: str) -> None:
        """Rewrite the HTML behind the placeholders in `text`."""
        blocks = self.md.htmlStash.rawHtmlBlocks
        for key in map(int, HTML_PLACEHOLDER_RE.findall(text)):
            if key < len(blocks) and key not in self.page.code_keys:
                html = blocks[key]
                if isinstance(html, str) and html[:1] == "<":
                    blocks[key] = rewrite(html, self.page)
                    self.page.code_keys.add(key)

    def plain(self, element: Element) -> str:
        """The text of `element` as readers see it."""
        blocks = self.md.htmlStash.rawHtmlBlocks

        def stashed(match: re.Match[str]) -> str:
            key = int(match[1])
            return _TAGS.sub("", str(blocks[key])) if key < len(blocks) else ""

        text = HTML_PLACEHOLDER_RE.sub(stashed, "".join(element.itertext()))
        return " ".join(unescape(text).split())

    # Each handler gets the parent, the position in it, and the element there.

    def heading(self, parent: Element, index: int, element: Element) -> None:
        """An outline level, an anchor and the link to copy."""
        text = self.plain(element)
        if not text and not len(element):
            element.tag = "p"
            return
        element.tag = f"h{self.page.outline_level(int(element.tag[1]))}"
        anchor = self.page.anchor(text, element.get("id") or "")
        element.set("id", self.page.sign(anchor))
        self.page.heading = text[:60]
        link = SubElement(
            element,
            "a",
            {
                "class": "heading-anchor",
                "href": f"#{anchor}",
                "aria-label": self.page.sign(f"复制“{text}”的链接"),
            },
        )
        link.text = "#"

    def link(self, parent: Element, index: int, element: Element) -> None:
        """Resolve a link; one that leads nowhere becomes a span."""
        kind = element.get("class") or ""
        if kind in ("footnote-ref", "footnote-backref"):
            return
        href = (element.get("href") or "").strip()
        url, external = self.page.resolve_link(href)
        if url is None:
            element.tag = "span"
            element.attrib.clear()
            element.set("class", "dead-link")
            return
        element.set("href", url)
        element.attrib.pop("rel", None)
        if url.startswith("#"):
            self.local_links.append(element)
        if external:
            element.set("class", f"{kind} external".strip())
            element.set("rel", "noopener noreferrer")

    def picture(self, parent: Element, index: int, element: Element) -> None:
        """A picture or video in the place of the Markdown image."""
        media = media_element(self.page, {k: v for k, v in element.items() if v})
        media.tail = element.tail
        if element.get("class") and media.tag in ("img", "video"):
            media.set("class", element.get("class", ""))
        parent[index] = media

    def paragraph(self, parent: Element, index: int, element: Element) -> None:
        """A paragraph that is only a titled picture, or only a video, is a figure."""
        if len(element) != 1 or (element.text or "").strip() or (element[0].tail or "").strip():
            return
        child = element[0]
        if child.tag == "video" or (child.tag == "img" and child.get("title")):
            block = figure(child)
            block.tail = element.tail
            parent[index] = block

    def division(self, parent: Element, index: int, element: Element) -> None:
        """Callouts, tabs and the list of footnotes."""
        classes = (element.get("class") or "").split()
        if "admonition" in classes:
            kind = callout_type(classes[1] if len(classes) > 1 else "note")
            element.set("class", f"callout callout-{kind}")
            element.set("role", self.page.sign("note"))
            if len(element) and element[0].get("class") == "admonition-title":
                element[0].set("class", "callout-title")
        elif "tabbed-set" in classes:
            self.tabs(element)
        elif "footnote" in classes:
            self.footnotes(element)

    def details(self, parent: Element, index: int, element: Element) -> None:
        """A collapsible callout."""
        kind = callout_type((element.get("class") or "note").split()[0])
        element.set("class", f"callout callout-{kind}")
        if len(element) and element[0].tag == "summary":
            element[0].set("class", "callout-title")

    def tabs(self, element: Element) -> None:
        """Our ids for the radio buttons and labels of a set of tabs."""
        number, _, count = element.get("data-tabs", "0:0").partition(":")
        element.set("class", "tabbed-set")
        element.set("data-tabs", count)
        for control in element:
            if control.tag == "input":
                control.tag = self.input_tag
                control.set("id", self.page.sign(_tab_id(control.get("id", ""))))
                control.set("name", self.page.sign(f"tabs-{number}"))
            elif control.get("class") == "tabbed-labels":
                for label in control:
                    label.set("for", self.page.sign(_tab_id(label.get("for", ""))))

    def footnotes(self, element: Element) -> None:
        """The list of footnotes at the end."""
        element.tag = "section"
        element.set("class", "footnotes")
        element.set("role", self.page.sign("doc-endnotes"))
        element.set("aria-label", self.page.sign("脚注"))
        rule = element.find("hr")
        if rule is not None:
            element.remove(rule)
        for number, item in enumerate(element.iterfind("ol/li"), 1):
            item.set("id", self.page.sign(_SPACE.sub("-", item.get("id", ""))))
            links = [a for a in item.iter("a") if a.get("class") == "footnote-backref"]
            for turn, link in enumerate(links, 1):
                label = f"回到正文中的脚注 {number}" + (f"（第 {turn} 处）" if turn > 1 else "")
                link.set("href", _SPACE.sub("-", link.get("href", "")))
                link.set("role", self.page.sign("doc-backlink"))
                link.set("aria-label", self.page.sign(label))
                link.attrib.pop("title", None)

    def reference(self, parent: Element, index: int, element: Element) -> None:
        """A footnote's number in the text."""
        if len(element) != 1 or element[0].get("class") != "footnote-ref":
            return
        link = element[0]
        element.set("class", "footnote-ref")
        element.set("id", self.page.sign(_SPACE.sub("-", element.get("id", ""))))
        link.set("href", _SPACE.sub("-", link.get("href", "")))
        link.set("role", self.page.sign("doc-noteref"))
        link.set("aria-label", self.page.sign(f"脚注 {link.text}"))
        del link.attrib["class"]

    def table(self, parent: Element, index: int, element: Element) -> None:
        """A region that scrolls by itself, named after the heading above; header cells marked."""
        for row in element.iter("tr"):
            for cell in row:
                align = cell.attrib.pop("align", None)
                if align:
                    cell.set("class", f"align-{align}")
                if cell.tag == "th":
                    if len(cell) or (cell.text or "").strip():
                        cell.set("scope", "col")
                    else:
                        cell.tag = "td"
        wrap = Element("div", self.page.table_region())
        wrap.tail, element.tail = element.tail, None
        wrap.append(element)
        parent[index] = wrap

    def code(self, parent: Element, index: int, element: Element) -> None:
        """An indented code block."""
        if len(element) == 1 and element[0].tag == "code":
            element.set("class", "code")
            element.set("tabindex", self.page.sign("0"))
            # Python-Markdown keeps the blank lines that follow.
            element[0].text = (element[0].text or "").rstrip() + "\n"

    def item(self, parent: Element, index: int, element: Element) -> None:
        """A task: the box is for reading only, so its label says how things stand."""
        holder = element
        if not (element.text or "").strip() and len(element) and element[0].tag == "p":
            holder = element[0]
        match = _TASK.match(holder.text or "")
        if match is None:
            return
        done = match[1] != " "
        box = Element(
            self.input_tag,
            {
                "type": "checkbox",
                "disabled": "disabled",
                "aria-label": self.page.sign("已完成" if done else "未完成"),
            },
        )
        if done:
            box.set("checked", "checked")
        box.tail = " " + (holder.text or "")[match.end() :]
        holder.text = None
        holder.insert(0, box)
        element.set("class", "task-list-item")
        parent.set("class", "task-list")


def _tab_id(name: str) -> str:
    match = _TAB_ID.fullmatch(name)
    return f"tab-{match[1].replace('_', '-')}" if match else ""
