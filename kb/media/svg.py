"""SVG drawings: only shapes, text and paint; nothing that runs, loads or hides other markup.

A drawing is checked against lists of what may be in it and then written anew from its tree, so that
what a browser parses is what was checked, whatever encoding or doctype the file declared.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as Tree

from defusedxml import ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from kb.importers.decode import decode
from kb.problems import ProblemError

SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XLINK_HREF = f"{{{_XLINK}}}href"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_NAMES = """
svg g defs symbol use title desc metadata style switch view
path rect circle ellipse line polyline polygon text tspan textPath image
linearGradient radialGradient stop pattern clipPath mask marker filter
feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting
feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset fePointLight
feSpecularLighting feSpotLight feTile feTurbulence
"""
_ELEMENTS = frozenset(_NAMES.split())
# What drawing programs leave in their files; it is not drawn, and dropped.
_EDITORS = (
    "http://www.inkscape.org/",
    "http://sodipodi.sourceforge.net/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://creativecommons.org/ns#",
    "http://web.resource.org/cc/",
    "http://purl.org/dc/",
    "http://www.bohemiancoding.com/sketch/",
    "http://ns.adobe.com/",
    "http://www.serif.com/",
)
_RASTER = r"data:image/(?:png|jpe?g|gif|webp);base64,"
_SAFE_HREF = re.compile(rf"\s*(?:#|{_RASTER})", re.I)
_SAFE_URL = re.compile(rf"""\s*["']?\s*(?:#|{_RASTER}|data:(?:application/)?(?:x-)?font)""", re.I)
_URL = re.compile(r"url\s*\(", re.I)
# A backslash can spell any of these, and `url`, in a way no pattern finds.
_ACTIVE = re.compile(
    r"@import|image-set|\bsrc\s*\(|expression\s*\(|-binding|behavior\s*:|script:|\\", re.I
)
_PAINT = re.compile(r"fill|stroke|filter|mask|clip-path|cursor|marker(?:-start|-mid|-end)?")
_LENGTH = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(px|pt|pc|mm|cm|in)?\s*")
_UNITS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_MAX_DEPTH = 100
_MAX_DRAWN = 100_000
"""Elements, those that ``<use>`` repeats counted as often as they are drawn."""

Tree.register_namespace("", SVG)
Tree.register_namespace("xlink", _XLINK)


class UnsafeSvg(ValueError):
    """The drawing is not accepted; its only argument names what was found in it."""


def svg_size(data: bytes) -> tuple[int | None, int | None]:
    """Width and height in CSS pixels as the root or its viewBox says. Raises `UnsafeSvg`."""
    root = _checked(data)
    width, height = (_pixels(root.get(name, "")) for name in ("width", "height"))
    box = re.findall(r"-?\d+(?:\.\d+)?", root.get("viewBox", ""))
    if (not width or not height) and len(box) == 4:
        width, height = float(box[2]), float(box[3])
    return (round(width) if width else None), (round(height) if height else None)


def clean_svg(data: bytes) -> bytes:
    """The drawing alone, in UTF-8, without comments, doctype and what editors leave.

    Raises `UnsafeSvg`.
    """
    root = _checked(data)
    for parent in list(root.iter()):
        for child in list(parent):
            if not child.tag.startswith(f"{{{SVG}}}") or child.tag == f"{{{SVG}}}metadata":
                parent.remove(child)
        for name in list(parent.attrib):
            if name.startswith("{") and name != _XLINK_HREF and not name.startswith(_XML):
                del parent.attrib[name]
    drawing: bytes = Tree.tostring(root, encoding="utf-8")
    return drawing


def _checked(data: bytes) -> Tree.Element:
    try:
        text, _ = decode(data)
        root: Tree.Element = SafeTree.fromstring(text)
    except DefusedXmlException:
        raise UnsafeSvg("ENTITY") from None
    except (ProblemError, Tree.ParseError, ValueError):
        raise UnsafeSvg("XML") from None
    if root.tag != f"{{{SVG}}}svg":
        raise UnsafeSvg("xmlns")
    if "<?xml-stylesheet" in text:
        raise UnsafeSvg("xml-stylesheet")
    stack = [(root, 1)]
    while stack:
        element, depth = stack.pop()
        if depth > _MAX_DEPTH:
            raise UnsafeSvg("depth")
        _check_element(element)
        stack += [(child, depth + 1) for child in element]
    _check_uses(root)
    return root


def _check_element(element: Tree.Element) -> None:
    namespace, _, name = element.tag.rpartition("}")
    if namespace == f"{{{SVG}":
        if name not in _ELEMENTS:
            raise UnsafeSvg(f"<{name}>")
    elif not namespace[1:].startswith(_EDITORS):
        raise UnsafeSvg(f"<{name}>")
    if name == "style":
        _check_css(element.text or "")
    for attribute, value in element.attrib.items():
        local = attribute.rpartition("}")[2].lower()
        if local.startswith("on") or attribute == f"{_XML}base":
            raise UnsafeSvg(local)
        if local in ("href", "src"):
            if not _SAFE_HREF.match(value):
                raise UnsafeSvg(f"{local}={value[:60]}")
        elif local == "style" or _PAINT.fullmatch(local):
            _check_css(value)


def _check_css(css: str) -> None:
    if active := _ACTIVE.search(css):
        raise UnsafeSvg(active[0])
    for url in _URL.finditer(css):
        if not _SAFE_URL.match(css, url.end()):
            raise UnsafeSvg(css[url.start() : url.start() + 60])


def _check_uses(root: Tree.Element) -> None:
    """Refuse drawings that multiply, or never end, by elements that use each other."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    drawn: dict[Tree.Element, int] = {}
    pending: set[Tree.Element] = set()
    stack = [root]
    while stack:
        element = stack[-1]
        if element in drawn:
            stack.pop()
            continue
        parts = list(element)
        if element.tag == f"{{{SVG}}}use":
            href = element.get("href") or element.get(_XLINK_HREF) or ""
            target = by_id.get(href.strip()[1:])
            parts += [target] if target is not None else []
        if element in pending:
            pending.discard(element)
            stack.pop()
            drawn[element] = 1 + sum(drawn[part] for part in parts)
            if drawn[element] > _MAX_DRAWN:
                raise UnsafeSvg("<use>")
            continue
        pending.add(element)
        if any(part in pending for part in parts):
            raise UnsafeSvg("<use>")
        stack += parts


def _pixels(length: str) -> float | None:
    match = _LENGTH.fullmatch(length)
    return float(match[1]) * _UNITS[match[2] or "px"] if match else None
