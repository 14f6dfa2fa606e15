"""The folder: what may be read, what is new."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from plugins.csv_folder.connector import CsvFolder, FolderConfig
from plugins.csv_folder.plugin import Config, portal_on_startup
from portal.api import PluginContext, ProblemError

PROJECTS = "项目编号,项目名称\nP1,新厂房\nP2,搬迁\n"
TASKS = "任务编号,项目编号,任务名称\nT1,P1,打桩\n"

connector = CsvFolder()


@pytest.fixture
def ctx(make_ctx: Callable[..., PluginContext]) -> PluginContext:
    ctx = make_ctx(Config(), "csv_folder")
    portal_on_startup(ctx)
    return ctx


@pytest.fixture
def folder(ctx: PluginContext) -> Path:
    """Where the ERP puts its files: two projects in GB18030, one task in UTF-8."""
    folder = ctx.connectors_dir / "erp"
    folder.mkdir()
    (folder / "projects.csv").write_bytes(PROJECTS.encode("gb18030"))
    (folder / "tasks_1.csv").write_text(TASKS, encoding="utf-8")
    return folder


@pytest.fixture
def config() -> FolderConfig:
    return FolderConfig(folder="erp", files={"projects": "projects.csv", "tasks": "tasks_*.csv"})


def test_the_check_says_what_was_found(
    ctx: PluginContext, folder: Path, config: FolderConfig
) -> None:
    result = connector.check(ctx, config)
    assert result.ok
    found = {entity.name: (entity.rows, entity.detail) for entity in result.entities}
    assert found["projects"] == (2, "projects.csv（gb18030，逗号分隔）")
    assert found["tasks"] == (1, "tasks_1.csv（utf-8，逗号分隔）")


def test_a_missing_file_fails_the_check_by_name(
    ctx: PluginContext, folder: Path, config: FolderConfig
) -> None:
    (folder / "projects.csv").unlink()
    result = connector.check(ctx, config)
    assert not result.ok
    (problem,) = result.entities[0].problems
    assert problem.code == "JS-4003" and "projects.csv" in problem.text()


def test_one_bad_file_does_not_hide_the_good_one(
    ctx: PluginContext, folder: Path, config: FolderConfig
) -> None:
    (folder / "tasks_2.csv").write_text("什么,也,没有\n1,2,3\n", encoding="utf-8")
    report = connector.check(ctx, config).entities[1]
    assert report.rows == 1
    assert [problem.where for problem in report.problems] == ["tasks_2.csv"]


def test_discover_names_what_there_is(
    ctx: PluginContext, folder: Path, config: FolderConfig
) -> None:
    assert [entity.name for entity in connector.discover(ctx, config)] == ["projects", "tasks"]
    (folder / "projects.csv").unlink()
    assert [entity.name for entity in connector.discover(ctx, config)] == ["tasks"]


def test_only_changed_files_are_read_again(
    ctx: PluginContext, folder: Path, config: FolderConfig
) -> None:
    first = connector.pull(ctx, config, "tasks", "")
    assert [row["task_no"] for row in first.rows] == ["T1"]
    again = connector.pull(ctx, config, "tasks", first.cursor)
    assert again.rows == () and again.cursor == first.cursor
    (folder / "tasks_2.csv").write_text(TASKS.replace("T1", "T2"), encoding="utf-8")
    more = connector.pull(ctx, config, "tasks", again.cursor)
    assert [row["task_no"] for row in more.rows] == ["T2"]
    path = folder / "tasks_1.csv"
    path.write_text(TASKS.replace("打桩", "浇筑"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    changed = connector.pull(ctx, config, "tasks", more.cursor)
    assert [row["name"] for row in changed.rows] == ["浇筑"]


@pytest.mark.parametrize("cursor", ["nonsense", "[1]", '{"tasks_1.csv": null}', "{}"])
def test_a_cursor_that_means_nothing_starts_over(
    cursor: str, ctx: PluginContext, folder: Path, config: FolderConfig
) -> None:
    assert len(connector.pull(ctx, config, "tasks", cursor).rows) == 1


def test_pulling_what_is_not_set_up(ctx: PluginContext, folder: Path, config: FolderConfig) -> None:
    with pytest.raises(ProblemError, match="purchase_orders"):
        connector.pull(ctx, config, "purchase_orders", "")


@pytest.mark.parametrize("folder_", ["..", "../..", "/etc", "erp/../../..", "~", "erp/out"])
def test_no_way_out_of_the_folder(
    folder_: str, ctx: PluginContext, folder: Path, tmp_path: Path
) -> None:
    (folder / "out").symlink_to(tmp_path)
    result = connector.check(ctx, FolderConfig(folder=folder_))
    assert not result.ok and result.entities == ()
    assert "不允许" in result.problems[0].text()


def test_a_link_to_a_file_elsewhere_is_not_followed(
    ctx: PluginContext, folder: Path, config: FolderConfig, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "secret.csv"
    elsewhere.write_text(TASKS, encoding="utf-8")
    (folder / "tasks_9.csv").symlink_to(elsewhere)
    assert len(connector.pull(ctx, config, "tasks", "").rows) == 1


def test_the_operator_may_allow_another_folder(
    make_ctx: Callable[..., PluginContext], tmp_path: Path, config: FolderConfig
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    wanted = FolderConfig(folder=str(share), files={"projects": "projects.csv"})
    assert not connector.check(make_ctx(Config()), wanted).ok
    allowed = Config(allowed_folders=(str(share),))
    assert connector.check(make_ctx(allowed), wanted).ok


def test_a_folder_that_is_not_there(ctx: PluginContext) -> None:
    result = connector.check(ctx, FolderConfig(folder="nowhere"))
    assert "不存在" in result.problems[0].text()


def test_too_many_files(ctx: PluginContext, folder: Path, config: FolderConfig) -> None:
    for number in range(300):
        (folder / f"tasks_x{number}.csv").touch()
    (problem,) = connector.check(ctx, config).entities[1].problems
    assert "301" in problem.text()


@pytest.mark.parametrize(
    "files", [{}, {"nothing": "x.csv"}, {"tasks": "../x.csv"}, {"tasks": "**.csv"}, {"tasks": ""}]
)
def test_file_names_that_are_refused(files: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        FolderConfig(folder="erp", files=files)
