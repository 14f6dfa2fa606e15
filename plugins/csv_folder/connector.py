"""The connector: which files, whether they may be read, and what is new in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from plugins.csv_folder.entities import ENTITIES
from plugins.csv_folder.reading import read_table
from portal.api import (
    N_,
    CheckResult,
    Entity,
    EntityReport,
    PluginContext,
    Problem,
    ProblemError,
    Pulled,
    translate,
)

MAX_FILES = 200
"""Files of one entity: more means that the folder is not what somebody thinks it is."""


class FolderConfig(BaseModel):
    """How the connector is set up."""

    model_config = ConfigDict(frozen=True)

    folder: str = Field(
        min_length=1,
        title=N_("文件夹"),
        description=N_("写相对路径，就在门户的 connectors 文件夹下面；别处的要由运维人员先允许"),
    )
    files: dict[str, str] = Field(
        default_factory=lambda: {entity.name: f"{entity.name}*.csv" for entity in ENTITIES},
        title=N_("文件名"),
        description=N_("数据代号 = 文件名，可以用 *；没有的数据删去那一行"),
    )
    max_megabytes: int = Field(50, ge=1, le=1000, title=N_("单个文件上限（MB）"))

    @field_validator("files")
    @classmethod
    def _known_and_plain(cls, files: dict[str, str]) -> dict[str, str]:
        known = {entity.name for entity in ENTITIES}
        if not files:
            raise ValueError("至少写一种数据")
        for name, pattern in files.items():
            if name not in known:
                raise ValueError(f"没有名为 {name} 的数据；有：{'、'.join(sorted(known))}")
            if not pattern or "/" in pattern or "\\" in pattern or "**" in pattern:
                raise ValueError(f"{name}：只写文件名，不写路径")
        return files


class CsvFolder:
    """Reads CSV files. Implements `portal.api.Connector`."""

    def check(self, ctx: PluginContext, config: FolderConfig) -> CheckResult:
        """Read every file once and say what was found."""
        try:
            folder = allowed_folder(ctx, config.folder)
        except ProblemError as error:
            return CheckResult(problems=(error.problem,))
        reports = tuple(self._report(folder, config, entity) for entity in _wanted(config))
        return CheckResult(entities=reports)

    def discover(self, ctx: PluginContext, config: FolderConfig) -> tuple[Entity, ...]:
        """The entities for which there are files. Raises ProblemError JS-4003."""
        folder = allowed_folder(ctx, config.folder)
        return tuple(entity for entity in _wanted(config) if matching(folder, config, entity))

    def pull(self, ctx: PluginContext, config: FolderConfig, entity: str, cursor: str) -> Pulled:
        """The rows of files that are new or changed since `cursor`.

        The cursor remembers each file's time and size. A changed file is given whole: rows are
        told apart by their key. Raises ProblemError JS-4003; the cursor then stays as it was.
        """
        wanted = next((one for one in _wanted(config) if one.name == entity), None)
        if wanted is None:
            message, remedy = N_("没有设置 %(name)s 的文件名"), N_("在连接器的设置里补上")
            raise ProblemError(Problem("JS-4003", message, remedy, params={"name": entity}))
        folder = allowed_folder(ctx, config.folder)
        seen = read_cursor(cursor)
        now: dict[str, list[int]] = {}
        rows: list[Mapping[str, str]] = []
        for path in matching(folder, config, wanted):
            stat = path.stat()
            now[path.name] = [stat.st_mtime_ns, stat.st_size]
            if seen.get(path.name) != now[path.name]:
                rows += read_table(path, wanted, max_bytes=config.max_megabytes << 20).rows
        return Pulled(tuple(rows), json.dumps(now, sort_keys=True))

    def _report(self, folder: Path, config: FolderConfig, entity: Entity) -> EntityReport:
        try:
            paths = matching(folder, config, entity)
        except ProblemError as error:
            return EntityReport(entity.name, entity.title, problems=(error.problem,))
        if not paths:
            message = N_("没有名为 %(pattern)s 的文件")
            remedy = N_("看看导出的文件名，或在设置里改文件名；不读这种数据就删去那一行")
            params = {"pattern": config.files[entity.name]}
            problem = Problem("JS-4003", message, remedy, params=params)
            return EntityReport(entity.name, entity.title, problems=(problem,))
        total, problems, details = 0, [], []
        for path in paths:
            try:
                table = read_table(path, entity, max_bytes=config.max_megabytes << 20)
            except ProblemError as error:
                problems.append(error.problem)
                continue
            total += len(table.rows)
            problems += table.problems
            details.append(f"{path.name}（{table.encoding}，{_spoken(table.delimiter)}）")
        detail = "；".join(details[:3]) + (" …" if len(details) > 3 else "")
        return EntityReport(entity.name, entity.title, total, detail, tuple(problems))


def allowed_folder(ctx: PluginContext, wanted: str) -> Path:
    """The folder, if it lies below the portal's connectors folder or one the operator allowed.

    Symbolic links count as where they lead. Raises ProblemError JS-4003.
    """
    roots = [ctx.connectors_dir, *(Path(root).expanduser() for root in ctx.config.allowed_folders)]
    folder = (ctx.connectors_dir / Path(wanted).expanduser()).resolve()
    if not any(folder.is_relative_to(root.resolve()) for root in roots):
        # Whether such a folder exists elsewhere is not told.
        raise _refused(
            N_("不允许读文件夹 %(folder)s"),
            N_(
                "把文件放到 %(root)s 下面，或请运维人员在 portal.toml 的 "
                "[plugins.csv_folder] allowed_folders 里允许它"
            ),
            folder=wanted,
            root=ctx.connectors_dir,
        )
    if not folder.is_dir():
        raise _refused(
            N_("文件夹 %(folder)s 不存在，或没有权限进入"),
            N_("检查路径、大小写和网络共享；运行门户的系统账号要能读它"),
            folder=folder,
        )
    return folder


def matching(folder: Path, config: FolderConfig, entity: Entity) -> list[Path]:
    """The entity's files by name. Raises ProblemError JS-4003."""
    try:
        # A link in the folder may point anywhere: it is a way out of the folder.
        found = sorted(
            path
            for path in folder.glob(config.files[entity.name])
            if path.is_file() and path.resolve().parent == folder
        )
    except OSError as error:
        raise _refused(
            N_("文件夹读不了：%(error)s"),
            N_("运行门户的系统账号要能读它"),
            error=error.strerror or error,
        ) from error
    if len(found) > MAX_FILES:
        raise _refused(
            N_("%(pattern)s 对上了 %(count)s 个文件，多于 %(limit)s 个"),
            N_("把读过的旧文件移走，或把文件名写得更准"),
            pattern=config.files[entity.name],
            count=len(found),
            limit=MAX_FILES,
        )
    return found


def read_cursor(cursor: str) -> dict[str, list[int]]:
    """What `pull` remembered; a cursor that cannot be read means "from the beginning"."""
    try:
        seen = json.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _wanted(config: FolderConfig) -> list[Entity]:
    return [entity for entity in ENTITIES if entity.name in config.files]


def _spoken(delimiter: str) -> str:
    names = {",": N_("逗号"), "\t": N_("制表符"), ";": N_("分号"), "|": N_("竖线")}
    return translate(N_("%(name)s分隔"), name=translate(names[delimiter]))


def _refused(message: str, remedy: str, **params: object) -> ProblemError:
    return ProblemError(Problem("JS-4003", message, remedy, params=params))
