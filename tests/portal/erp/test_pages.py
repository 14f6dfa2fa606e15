"""The connector's page: what was read, when, what failed; and the CSV folder with real files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.problems import Problem, ProblemError
from portal.accounts.models import Role
from portal.contributions import Pulled
from portal.erp import reading
from tests.portal.erp.conftest import Clock

Login = Callable[..., FlaskClient]

TRIAL = "/connectors/trial"
CSV = "/connectors/csv_folder"


def page_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def read(client: FlaskClient, address: str) -> str:
    answer = client.post(f"{address}/read", follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_good_rows_stand_with_their_time_and_cells_are_escaped(
    trial: Any, login_as: Login, clock: Clock
) -> None:
    pmso = login_as(Role.PMSO)
    assert "还没有读成过" in page_of(pmso, TRIAL)
    rows = tuple({"no": str(n), "item": "<b>轴承</b>"} for n in range(25))
    trial.answers["orders"] = lambda cursor: Pulled(rows, "x")
    page = read(pmso, TRIAL)
    assert "读成了，收到 25 行" in page and "最近一次读成：" in page
    assert "&lt;b&gt;轴承" in page and "<b>轴承" not in page
    assert page.count("&lt;b&gt;轴承") == 20


def test_when_reading_fails_the_old_rows_stay_and_say_how_old_they_are(
    trial: Any, login_as: Login, clock: Clock
) -> None:
    pmso = login_as(Role.PMSO)
    trial.answers["orders"] = lambda cursor: Pulled(({"no": "PO-1", "item": "轴承"},), "x")
    good = read(pmso, TRIAL)
    moment = good.split("最近一次读成：")[1][:16]
    clock.forward(60)

    def down(cursor: str) -> Pulled:
        raise ProblemError(Problem("JS-4003", "<i>停机</i>", "等等"))

    trial.answers["orders"] = down
    page = read(pmso, TRIAL)
    assert f"上次成功的数据，{moment}" in page and "PO-1" in page
    assert "&lt;i&gt;停机" in page and "<i>停机" not in page


def test_while_it_rests_the_page_says_until_when_and_has_no_button(
    trial: Any, login_as: Login, clock: Clock
) -> None:
    pmso = login_as(Role.PMSO)

    def down(cursor: str) -> Pulled:
        raise ProblemError(Problem("JS-4003", "停机", "等等"))

    trial.answers["orders"] = down
    for _time in range(reading.MAX_FAILURES):
        assert f'action="{TRIAL}/read"' in page_of(pmso, TRIAL)
        read(pmso, TRIAL)
    page = page_of(pmso, TRIAL)
    assert "以后再试" in page and f'action="{TRIAL}/read"' not in page
    assert "暂停读取" in page_of(pmso, "/connectors")
    asked = len(trial.asked)
    assert "暂时不去读它" in read(pmso, TRIAL)
    assert len(trial.asked) == asked
    clock.forward(6)
    assert f'action="{TRIAL}/read"' in page_of(pmso, TRIAL)


@pytest.mark.parametrize("role", [Role.READER, Role.AUTHOR, Role.REVIEWER])
def test_only_the_pmso_reads_and_sees_what_was_read(
    role: Role, trial: Any, login_as: Login
) -> None:
    trial.answers["orders"] = lambda cursor: Pulled(({"no": "PO-1", "item": "轴承"},), "x")
    assert "PO-1" in read(login_as(Role.PMSO), TRIAL)
    other = login_as(role)
    assert "PO-1" not in page_of(other, TRIAL)
    assert other.post(f"{TRIAL}/read").status_code == 404
    assert login_as(Role.ADMIN).post(f"{TRIAL}/read").status_code == 302


def test_reading_what_is_not_there_says_so(app: Flask, login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    assert "没有名为 nothing" in read(pmso, "/connectors/nothing")
    assert "还没有设置" in read(pmso, TRIAL)


def test_the_csv_folder_is_read_from_real_files(app: Flask, login_as: Login) -> None:
    pmso = login_as(Role.PMSO)
    folder: Path = app.config["SETTINGS"].home / "connectors" / "erp"
    folder.mkdir(parents=True)
    head = "项目编号,项目名称,项目经理\n"
    (folder / "p.csv").write_bytes(f"{head}P-1,新产线,李娜\nP-2,改造,王强\n".encode("gb18030"))
    form = {"folder": "erp", "files": "projects = p*.csv\ntasks = t.csv", "max_megabytes": "5"}
    assert pmso.post(CSV, data=form).status_code == 302
    page = read(pmso, CSV)
    assert "收到 2 行" in page and "新产线" in page and "王强" in page
    assert page.count("还没有读成过") == 2  # no file of tasks, none wanted of purchase orders
    assert "没有新的数据" in read(pmso, CSV)
    (folder / "p2.csv").write_text(f"{head}P-2,改造二期,王强\nP-3,搬迁,赵敏\n", encoding="utf-8")
    page = read(pmso, CSV)
    assert "收到 2 行" in page
    assert all(words in page for words in ("新产线", "改造二期", "搬迁")) and "改造<" not in page
    (folder / "p2.csv").write_text("什么,也没有\n1,2\n", encoding="utf-8")
    os.utime(folder / "p2.csv", (1, 1))
    page = read(pmso, CSV)
    assert "没有全部读成" in page and "上次成功的数据" in page and "改造二期" in page
    (folder / "p2.csv").unlink()
    assert "没有新的数据" in read(pmso, CSV)
    (folder / "p.csv").rename(folder.parent / "away.csv")
    folder.rmdir()
    page = read(pmso, CSV)
    assert "不存在" in page and "新产线" in page
