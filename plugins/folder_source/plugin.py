"""文件夹: Markdown kept in folders (a network share, a clone of a repository) as articles."""

from __future__ import annotations

import zlib
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from plugins.folder_source.copying import copy_pages
from portal.api import (
    N_,
    ContentSource,
    PluginContext,
    PluginManifest,
    Problem,
    ProblemError,
    hookimpl,
)


class Folder(BaseModel):
    """One folder and what its pages become."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1)
    name: str = Field("", pattern=r"^([a-z][a-z0-9]*([_-][a-z0-9]+)*)?$", max_length=40)
    """What ``portal sync NAME`` takes; by default made from the path."""
    title: str = ""
    kind: str = ""
    space: str = ""
    publish: bool = False
    every_minutes: int = Field(0, ge=0, le=60 * 24 * 31)

    @property
    def known_as(self) -> str:
        """Its name; pages are found again under it."""
        return self.name or f"folder-{zlib.crc32(self.path.encode()):08x}"


class Config(BaseModel):
    """What the operator can set."""

    model_config = ConfigDict(frozen=True)

    folders: tuple[Folder, ...] = Field(
        (),
        title=N_("文件夹"),
        description=N_("每个文件夹写成 [[plugins.folder_source.folders]] 一节，见插件的说明"),
        json_schema_extra={"operator_only": True},
    )

    @field_validator("folders")
    @classmethod
    def _names_differ(cls, folders: tuple[Folder, ...]) -> tuple[Folder, ...]:
        names = [folder.known_as for folder in folders]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"有两个文件夹都叫 {name}，给它们写上不同的 name")
        return folders


manifest = PluginManifest(
    name="folder_source",
    title=N_("内容来源：文件夹"),
    summary=N_("定时从文件夹（网络共享、代码仓库）取 Markdown 文章"),
    category="content",
    config=Config,
)


def fetch(folder: Folder, ctx: PluginContext, into: Path) -> Path:
    """Copy the folder's pages and pictures. Raises ProblemError JS-4003 or JS-2003."""
    path = Path(folder.path).expanduser()
    if not path.is_dir():
        raise ProblemError(
            Problem(
                "JS-4003",
                N_("文件夹 %(path)s 不存在，或没有权限进入"),
                N_("检查路径、大小写和网络共享；运行门户的系统账号要能读它"),
                params={"path": folder.path},
            )
        )
    copied = copy_pages(path.resolve(), into)
    ctx.log.info("%s: %s files", folder.known_as, copied)
    return into


@hookimpl
def portal_content_sources(ctx: PluginContext) -> list[ContentSource]:
    """One source for each folder; none without settings."""
    config: Config = ctx.config
    return [
        ContentSource(
            name=folder.known_as,
            title=folder.title or Path(folder.path).name or folder.path,
            description=folder.path,
            fetch=partial(fetch, folder),
            kind=folder.kind,
            space=folder.space,
            publish=folder.publish,
            every_minutes=folder.every_minutes,
        )
        for folder in config.folders
    ]
