"""The editor's form: what was typed, kept as typed until it is good."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from portal.contributions import ContentKind
from portal.library.models import Article
from portal.library.words import Words, figure_lines, parse_figures

_BETWEEN_TAGS = re.compile(r"[,，;；、\n]")


@dataclass
class EditorForm:
    """Every input of the editor page, as text. `fields` holds the kind's own."""

    title: str = ""
    slug: str = ""
    space: str = ""
    summary: str = ""
    tags: str = ""
    series: str = ""
    series_order: str = ""
    note: str = ""
    body: str = ""
    base: str = "0"
    fields: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, form: MultiDict[str, str], kind: ContentKind) -> EditorForm:
        """The form a browser has sent."""
        names = ("title", "slug", "space", "summary", "tags", "series", "series_order", "note")
        own = {wanted.name: form.get(f"f_{wanted.name}", "") for wanted in kind.fields}
        return cls(
            **{name: form.get(name, "").strip() for name in names},
            body=form.get("body", "").replace("\r\n", "\n"),
            base=form.get("base", "0"),
            fields=own,
        )

    @classmethod
    def of(cls, words: Words, kind: ContentKind, article: Article, base: int) -> EditorForm:
        """The form filled with what is saved."""
        return cls(
            title=words.title,
            slug=article.slug,
            space=str(article.space_id),
            summary=words.summary,
            tags="，".join(words.tags),
            series=words.series,
            series_order=str(words.series_order) if words.series else "",
            body=words.body,
            base=str(base),
            fields={
                wanted.name: figure_lines(words.fields.get(wanted.name))
                if wanted.type == "figures"
                else str(words.fields.get(wanted.name, ""))
                for wanted in kind.fields
            },
        )

    def words(self, kind: ContentKind) -> Words:
        """What the author means, unchecked."""
        own: dict[str, object] = {}
        for wanted in kind.fields:
            text = self.fields.get(wanted.name, "")
            own[wanted.name] = parse_figures(text) if wanted.type == "figures" else text
        return Words(
            title=self.title,
            body=self.body,
            summary=self.summary,
            tags=tuple(_BETWEEN_TAGS.split(self.tags)),
            series=self.series,
            series_order=_order(self.series_order),
            fields=own,
            note=self.note,
        )

    @property
    def base_number(self) -> int:
        """The revision the author started from."""
        return int(self.base) if self.base.isascii() and self.base.isdigit() else 0

    @property
    def space_id(self) -> int:
        """The chosen space; 0 is no space."""
        return int(self.space) if self.space.isascii() and self.space.isdigit() else 0


def _order(text: str) -> int:
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
