"""What plugins give: frozen dataclasses, checked by the host and handed to the rooms that use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kb.problems import N_


@dataclass(frozen=True)
class ContentField:
    """A front-matter field that a content kind asks for beyond title, summary, tags and body."""

    name: str
    label: str
    type: Literal["text", "textarea", "figures"] = "text"
    required: bool = False
    help: str = ""


@dataclass(frozen=True)
class ContentKind:
    """A kind of article.

    `name` is the id (``faq``); `label` what readers see, a gettext source string; `prefix` the
    first part of its addresses (``/faq/…``) and the folder name in a collection; `mark` the one
    character in its seal-like mark.
    """

    name: str
    label: str
    prefix: str
    mark: str
    description: str = ""
    fields: tuple[ContentField, ...] = ()
    order: int = 100
    tree: bool = False
    """Slugs with ``/`` form a tree shown beside the article (manuals)."""


CORE_KINDS: tuple[ContentKind, ...] = (
    ContentKind(
        "faq", N_("常见问题"), "faq", "问", N_("一个问题，一个答案"), order=10,
    ),
    ContentKind(
        "tutorial", N_("教程"), "tutorials", "教", N_("跟着做，一步一步学会"), order=20,
    ),
    ContentKind(
        "manual", N_("操作手册"), "manuals", "册", N_("完整的说明，随时查阅"), order=30, tree=True,
    ),
    ContentKind(
        "troubleshooting", N_("排错"), "troubleshooting", "障",
        N_("按报错或现象，找到原因和办法"),
        fields=(
            ContentField("code", N_("错误代码"), help=N_("例如 JS-2001；没有就空着")),
            ContentField("symptom", N_("现象"), "textarea", help=N_("连同报错原文，别人会整段粘贴来搜")),
            ContentField("cause", N_("原因"), "textarea"),
            ContentField("remedy", N_("办法"), "textarea"),
        ),
        order=40,
    ),
    ContentKind(
        "case", N_("案例"), "cases", "例", N_("前后对比，有数字的做法"),
        fields=(
            ContentField("industry", N_("行业")),
            ContentField("source", N_("出处"), help=N_("数字从哪里来")),
            ContentField("figures", N_("前后数字"), "figures"),
        ),
        order=50,
    ),
)
