"""CSV 文件夹: the way in for every system that can export a file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from plugins.csv_folder.connector import CsvFolder, FolderConfig
from plugins.csv_folder.entities import ENTITIES
from portal.api import N_, ConnectorKind, PluginContext, PluginManifest, hookimpl


class Config(BaseModel):
    """What the operator can set."""

    model_config = ConfigDict(frozen=True)

    allowed_folders: tuple[str, ...] = Field(
        (),
        title=N_("另外允许的文件夹"),
        description=N_("除门户的 connectors 文件夹以外，连接器还可以读的地方"),
        json_schema_extra={"operator_only": True},
    )


manifest = PluginManifest(
    name="csv_folder",
    title=N_("连接器：CSV 文件夹"),
    summary=N_("读 ERP 定时导出的 CSV：项目、任务、采购单"),
    category="erp",
    config=Config,
)


@hookimpl
def portal_erp_connectors(ctx: PluginContext) -> list[ConnectorKind]:
    """The connector."""
    return [
        ConnectorKind(
            "csv_folder",
            N_("CSV 文件夹"),
            N_(
                "ERP 把项目、任务、采购单定时导出成 CSV 放进一个文件夹，门户从那里读。"
                "UTF-8 和 GB18030 都认，分隔符自动判断，表头逐列核对，只读有变化的文件。"
            ),
            FolderConfig,
            ENTITIES,
            CsvFolder(),
            status="proven",
        )
    ]


@hookimpl
def portal_on_startup(ctx: PluginContext) -> None:
    """Make the folder, so that whoever sets up the export finds where to put the files."""
    ctx.connectors_dir.mkdir(parents=True, exist_ok=True)
