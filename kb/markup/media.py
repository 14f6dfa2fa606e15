"""Pictures and video: from what an author wrote to elements with size, alt text and captions."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from kb.markup.model import MediaRef
from kb.markup.page import EXTERNAL_SCHEMES, Page, scheme_of, video_type
from kb.markup.vocabulary import VIDEO_TYPES


def media_element(page: Page, attributes: Mapping[str, str]) -> Element:
    """The element for a picture or video with the author's attributes (src, alt, title, …)."""
    source = attributes.get("src", "").strip()
    alt = " ".join(attributes.get("alt", "").split())
    ref = page.resolve_media(source)
    if ref is None:
        return _elsewhere(source, alt)
    mime = video_type(source, ref)
    if mime:
        element = _video(page, ref, mime, alt, attributes)
    else:
        element = _picture(page, ref, alt, attributes)
    if attributes.get("title"):
        element.set("title", attributes["title"])
    return element


def _elsewhere(source: str, alt: str) -> Element:
    """A link to media on another site (a page may not load them), or a word on what is missing."""
    scheme = scheme_of(source)
    if scheme == "//" or scheme in EXTERNAL_SCHEMES:
        link = Element(
            "a",
            {"class": "remote-media external", "href": source, "rel": "noopener noreferrer"},
        )
        link.text = alt or source
        return link
    missing = Element("span", {"class": "missing-media"})
    name = alt or source.rsplit("/", 1)[-1]
    kind = "视频" if video_type(source) else "图片"
    if scheme or not name:
        missing.text = f"{kind}缺失：{alt}" if alt else f"{kind}缺失"
    else:
        missing.text = f"{kind}缺失：{name}"
    return missing


def _size(ref: MediaRef, attributes: Mapping[str, str]) -> dict[str, str]:
    """Width and height: the file's own, made smaller when the author asked for a width."""
    width, height = ref.width, ref.height
    wanted = attributes.get("width", "").removesuffix("px")
    if wanted.isascii() and wanted.isdigit() and int(wanted[:6]) > 0 and len(wanted) <= 5:
        if width and height:
            if int(wanted) < width:
                width, height = int(wanted), max(1, round(height * int(wanted) / width))
        else:
            return {"width": str(int(wanted))}
    return {"width": str(width), "height": str(height)} if width > 0 and height > 0 else {}


def _picture(page: Page, ref: MediaRef, alt: str, attributes: Mapping[str, str]) -> Element:
    page.pictures += 1
    loading = {"loading": "lazy"} if page.pictures > 1 else {"fetchpriority": "high"}
    return Element(
        "img",
        {"src": ref.url, "alt": alt, **_size(ref, attributes), **loading, "decoding": "async"},
    )


def _video(
    page: Page, ref: MediaRef, mime: str, alt: str, attributes: Mapping[str, str]
) -> Element:
    video = Element(
        "video",
        {
            "controls": "controls",
            "preload": "none",
            **_size(ref, attributes),
            "aria-label": page.sign(alt or attributes.get("title", "") or "视频"),
        },
    )
    if ref.poster_url:
        video.set("poster", ref.poster_url)
    kind = mime if mime in VIDEO_TYPES.values() else ref.mime
    SubElement(video, "source", {"src": ref.url, "type": kind})
    if ref.captions_url:
        SubElement(
            video,
            "track",
            {
                "kind": "captions",
                "src": ref.captions_url,
                "srclang": "zh",
                "label": "中文",
                "default": "default",
            },
        )
    download = SubElement(video, "a", {"class": "video-download", "href": ref.url})
    download.text = "下载视频"
    return video


def figure(media: Element) -> Element:
    """A figure around a picture or video; its title becomes the caption."""
    video = media.tag == "video"
    element = Element("figure", {"class": "figure figure-video" if video else "figure"})
    caption = media.attrib.pop("title", "").strip()
    media.tail = None
    element.append(media)
    if caption:
        SubElement(element, "figcaption").text = caption
    return element
