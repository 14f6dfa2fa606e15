"""Words the administrator has chosen lead to an address at once, above everything search finds."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field, field_validator

from kb.text import compose, fold
from portal.api import N_, PluginContext, PluginManifest, Shortcut, hookimpl


class Config(BaseModel):
    """What an administrator can set."""

    model_config = ConfigDict(frozen=True)

    links: dict[str, str] = Field(
        default_factory=dict,
        title=N_("词和地址"),
        description=N_(
            "例如 请假、休假 = /faq/leave。几个词用顿号隔开；"
            "地址以 / 开头（本门户）或以 https:// 开头"
        ),
    )

    @field_validator("links")
    @classmethod
    def _usable(cls, links: dict[str, str]) -> dict[str, str]:
        seen: set[str] = set()
        for words, address in links.items():
            try:
                Shortcut(words, address)
            except ValueError as error:
                raise ValueError(f"「{words}」的地址 {address} 要以 / 或 https:// 开头") from error
            for word in split(words):
                if same(word) in seen:
                    raise ValueError(f"「{word}」写了两次")
                seen.add(same(word))
        return links


manifest = PluginManifest(
    name="shortcuts",
    title=N_("搜索直达"),
    summary=N_("搜“请假”这样的词，结果最上面直接给出该去的地址"),
    category="content",
    config=Config,
)


def split(words: str) -> Iterator[str]:
    """The words that share an address."""
    return (word.strip() for word in words.split("、") if word.strip())


def same(text: str) -> str:
    """`text` in the form in which words are compared: without width, case, 繁简 and extra space."""
    return " ".join(fold(compose(text)).split())


@hookimpl
def portal_resolve_shortcut(ctx: PluginContext, query: str) -> Shortcut | None:
    """The address of the words that are the whole query; nothing is read from the library.

    So a reader who may not open the address learns nothing that is not in the settings.
    """
    asked = same(query)
    config: Config = ctx.config
    for words, address in config.links.items():
        for word in split(words):
            if same(word) == asked:
                return Shortcut(word, address)
    return None
