"""The page of figures: who sees which block, what a broken one costs, what the file holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Role
from portal.contributions import ReportTable
from portal.insights import service
from portal.plugin_host import host
from tests.portal.plugins.conftest import load, write_plugin  # noqa: F401

BLOCKS = """
def table(ctx, viewer):
    return ReportTable((N_("栏目"), N_("篇数")), (("甲", 1234567), ("乙", 2.5)), N_("怎样算的"))

def mine(ctx, viewer):
    return ReportTable(("谁", "角色"), ((viewer.display_name, viewer.role),))

@hookimpl
def portal_report_blocks(ctx):
    return [
        ReportBlock("for-all", "大家的表", mine, role="", order=3),
        ReportBlock("for-reviewers", "审核的表", table, role="reviewer", order=2),
        ReportBlock("for-admins", "管理员的表", table, role="admin", order=1),
    ]
"""

ONE = """
import threading
NEVER = threading.Event()

def build(ctx, viewer):
    {body}

def sound(ctx, viewer):
    return ReportTable(("列",), (("值",),))

@hookimpl
def portal_report_blocks(ctx):
    return [
        ReportBlock("broken", "坏的表", build, order=1),
        ReportBlock("sound", "好的表", sound, order=2),
    ]
"""

FAULTS = {
    "raises": "raise ValueError('boom')",
    "exits": "raise SystemExit",
    "none": "return None",
    "html": "return Markup('<table>')",
    "no columns": "return ReportTable((), ())",
    "short row": "return ReportTable(('a', 'b'), ((1,),))",
    "long row": "return ReportTable(('a',), ((1, 2),))",
    "wrong cell": "return ReportTable(('a',), ((None,),))",
    "truth for a number": "return ReportTable(('a',), ((True,),))",
    "wrong column": "return ReportTable((1,), ((1,),))",
    "wrong note": "return ReportTable(('a',), ((1,),), None)",
    "late": "return ReportTable(('a',), (1 / 0 for _ in [1]))",
}

TITLES = {
    # Role → blocks of BLOCKS in the order shown (library_stats' own is switched off).
    "reader": ["大家的表"],
    "author": ["大家的表"],
    "reviewer": ["审核的表", "大家的表"],
    "pmso": ["审核的表", "大家的表"],
    "admin": ["管理员的表", "审核的表", "大家的表"],
}
NAMES = {"大家的表": "for-all", "审核的表": "for-reviewers", "管理员的表": "for-admins"}


@pytest.fixture
def app(
    request: pytest.FixtureRequest,
    write_plugin: Callable[..., Path],  # noqa: F811
    load: Callable[..., Flask],  # noqa: F811
) -> Iterator[Flask]:
    """A portal whose only report blocks come from the source given as parameter."""
    source = getattr(request, "param", BLOCKS)
    if source:
        write_plugin("figures", source)
    app = load(plugins_disabled=("library_stats",))
    with app.app_context():
        yield app


def shown(page: str) -> list[str]:
    return sorted((title for title in NAMES if f">{title}</h2>" in page), key=page.index)


@pytest.mark.parametrize("role", ["", *TITLES])
def test_each_role_sees_its_own_blocks_on_the_page_and_as_files(
    app: Flask, client: FlaskClient, login_as: Callable[..., FlaskClient], role: str
) -> None:
    browser = login_as(role) if role else client
    answer = browser.get("/reports")
    if not role:
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/login")
    else:
        assert answer.status_code == 200
        assert shown(answer.text) == TITLES[role]
    for title, name in NAMES.items():
        file = browser.get(f"/reports/figures/{name}.csv")
        expected = 302 if not role else 200 if title in TITLES[role] else 404
        assert file.status_code == expected, name


@pytest.mark.parametrize("app", [""], indirect=True)
@pytest.mark.parametrize("role", list(TITLES))
def test_without_blocks_the_page_is_there_for_those_who_look_after_the_portal(
    app: Flask, login_as: Callable[..., FlaskClient], role: str
) -> None:
    answer = login_as(role).get("/reports")
    managing = Role(role).at_least(Role.PMSO)
    assert answer.status_code == (200 if managing else 404)
    assert ("还没有表" in answer.text) is managing


def test_a_table_is_shown_with_its_figures_and_note(
    app: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    page = login_as("reviewer", "<b>rita</b>").get("/reports").text
    assert "1,234,567" in page and ">2.5<" in page and "怎样算的" in page
    # Who is looking is told to the block; what it gives is data, not HTML.
    assert "&lt;B&gt;Rita&lt;/B&gt;" in page and "<B>Rita" not in page
    assert 'href="/reports/figures/for-reviewers.csv"' in page


@pytest.mark.parametrize("app", [ONE.format(body=body) for body in FAULTS.values()], indirect=True)
def test_a_broken_block_costs_only_itself(app: Flask, login_as: Callable[..., FlaskClient]) -> None:
    browser = login_as("pmso")
    answer = browser.get("/reports")
    assert answer.status_code == 200
    assert answer.text.count("暂时算不出") == 1 and "插件出了错" in answer.text
    assert "<td" not in answer.text.split("坏的表</h2>")[1].split("好的表</h2>")[0]
    assert ">值<" in answer.text
    plugin = host().plugin("figures")
    assert plugin is not None
    assert [failure.where for failure in plugin.failures] == ["report broken"]
    file = browser.get("/reports/figures/broken.csv")
    assert file.status_code == 503 and "JS-4001" in file.text
    assert browser.get("/reports/figures/sound.csv").status_code == 200


@pytest.mark.parametrize("app", [ONE.format(body="NEVER.wait(20)")], indirect=True)
def test_a_slow_block_says_so_and_offers_the_file(
    app: Flask,
    login_as: Callable[..., FlaskClient],
    load: Callable[..., Flask],  # noqa: F811
) -> None:
    plugin = host().plugin("figures")
    assert plugin is not None and plugin.module is not None
    impatient = load(plugins_disabled=("library_stats",), plugins_budget_ms=500)
    browser = login_as("pmso")
    token = browser.get_cookie("jinshi")
    assert token is not None
    with impatient.app_context():
        other = impatient.test_client()
        other.set_cookie("jinshi", token.value)
        page = other.get("/reports").text
    plugin.module.NEVER.set()
    assert "没有及时算好" in page and ">值<" in page
    assert 'href="/reports/figures/broken.csv"' in page


@pytest.mark.parametrize(
    "app",
    [ONE.format(body='raise ProblemError(Problem("JS-4003", "库房没有答复", "等一等"))')],
    indirect=True,
)
def test_a_blocks_own_words_are_shown(app: Flask, login_as: Callable[..., FlaskClient]) -> None:
    page = login_as("pmso").get("/reports").text
    assert "库房没有答复" in page and "等一等" in page
    plugin = host().plugin("figures")
    assert plugin is not None and plugin.failures == []


@pytest.mark.parametrize(
    "app",
    [ONE.format(body='return ReportTable(("行",), tuple((n,) for n in range(1, 502)))')],
    indirect=True,
)
def test_a_long_table_is_cut_on_the_page_and_whole_in_the_file(
    app: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    browser = login_as("pmso")
    page = browser.get("/reports").text
    assert "前 200 行，共 501 行" in page
    assert ">200<" in page and ">201<" not in page
    file = browser.get("/reports/figures/broken.csv").text
    assert len(file.strip().splitlines()) == 502


@pytest.mark.parametrize("app", [ONE.format(body='return ReportTable(("行",), ())')], indirect=True)
def test_an_empty_table_says_so(app: Flask, login_as: Callable[..., FlaskClient]) -> None:
    assert "现在没有数据" in login_as("pmso").get("/reports").text


def test_the_file_is_named_for_a_spreadsheet(
    app: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    answer = login_as("admin").get("/reports/figures/for-admins.csv")
    assert answer.data.startswith("\ufeff栏目,篇数\r\n".encode())
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="figures-for-admins.csv"'
    assert login_as("admin", "root").get("/reports/figures/nothing.csv").status_code == 404


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1+1", "'  =1+1"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("a=1", "a=1"),
        ('say "yes", please', 'say "yes", please'),
        ("", ""),
        (-1, "-1"),
        (-2.5, "-2.5"),
        (float("nan"), ""),
    ],
)
def test_no_cell_is_a_formula(app: Flask, cell: Any, written: str) -> None:
    text = service.as_csv(ReportTable((cell if isinstance(cell, str) else "x",), ((cell,),)))
    header, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert (row or [""]) == [written]
    if isinstance(cell, str):
        assert (header or [""]) == [written]


@pytest.mark.parametrize(
    ("cell", "shown_as"),
    [(0, "0"), (-1234, "-1,234"), (2.0, "2"), (2.505, "2.5"), (float("inf"), "—"), ("x", "x")],
)
def test_figures_are_written_alike(app: Flask, cell: Any, shown_as: str) -> None:
    assert service.figure(cell) == shown_as


def test_those_who_look_after_the_portal_find_the_door(
    app: Flask, login_as: Callable[..., FlaskClient]
) -> None:
    assert 'href="/reports"' in login_as("pmso").get("/admin/").text
    assert 'href="/reports"' not in login_as("reader").get("/").text
