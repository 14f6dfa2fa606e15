"""SQLite 全文: the search index as one SQLite file."""

from __future__ import annotations

from pathlib import Path

from kb.search.model import SearchEngine
from portal.api import N_, PluginContext, PluginManifest, SearchEngineKind, hookimpl

manifest = PluginManifest(
    name="search_fts5",
    title=N_("搜索引擎：SQLite 全文"),
    summary=N_('索引是一个 SQLite 文件；在设置里写 search_engine = "fts5" 就改用它'),
    category="content",
)


def make(_ctx: PluginContext, folder: Path) -> SearchEngine:
    """The engine with its index in `folder`."""
    # Only who has chosen this engine pays for loading it.
    from plugins.search_fts5.engine import Fts5Engine

    return Fts5Engine(folder)


@hookimpl
def portal_search_engines(ctx: PluginContext) -> list[SearchEngineKind]:
    """One engine."""
    description = N_("词与词的权重由 SQLite 的 FTS5 计算，索引便于拷贝和查看；分词与自带引擎相同")
    return [SearchEngineKind("fts5", N_("SQLite 全文"), description, make)]
