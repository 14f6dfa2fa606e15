"""`portal doctor` asks the plugins' own checks, and survives each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import doctor
from portal.cli.init import command as init
from tests.portal.plugins.conftest import write_plugin  # noqa: F401

Doctor = Callable[[], Result]

CHECK = """
import threading
NEVER = threading.Event()

def check(ctx):
    {body}

@hookimpl
def portal_health_checks(ctx):
    return [
        HealthCheck("pump", N_("水泵"), check),
        HealthCheck("tank", N_("水箱"), lambda ctx: []),
    ]
"""

FAULTS = {
    "raises": ("raise ValueError('boom')", "ValueError: boom"),
    "fails late": (
        "yield Problem('JS-4003', '前半', '等'); raise OSError('half')",
        "OSError: half",
    ),
    "exits": ("raise SystemExit(7)", "sys.exit(7)"),
    "nothing": ("return None", "NoneType"),
    "text": ("return 'all is well'", "check returned str"),
    "wrong item": ("return ['leak']", "check gave str"),
    "missing value": (
        "return [Problem('JS-4003', '%(litres)s 升', '关', params={'a': 1})]",
        "KeyError: 'litres'",
    ),
}


@pytest.fixture
def run_doctor(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run the command on a home of this test, with the plugins written so far."""
    monkeypatch.setenv("PORTAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PORTAL_PLUGINS_DIR", str(tmp_path / "plugins"))
    if database_url:
        monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    (tmp_path / "plugins").mkdir(exist_ok=True)
    ready = CliRunner().invoke(init, ["--no-content"])
    assert ready.exit_code == 0, ready.output
    return lambda: CliRunner().invoke(doctor.command, [])


def test_all_is_well(run_doctor: Doctor, write_plugin: Callable[..., Path]) -> None:  # noqa: F811
    write_plugin("water", CHECK.format(body="return []"))
    answer = run_doctor()
    assert answer.exit_code == 0, answer.output
    assert "✓ 插件自己的检查" in answer.output and "一切正常" in answer.output


def test_each_finding_names_plugin_check_and_next_step(
    run_doctor: Doctor,
    write_plugin: Callable[..., Path],  # noqa: F811
) -> None:
    body = """
    yield Problem("JS-4003", "漏了 %(litres)s 升", "关掉 %(valve)s", "地下室",
                  params={"litres": 3, "valve": "总阀"})
    yield Problem("JS-4003", "水压太低", "等一等", severity="warning")
    """
    write_plugin("water", CHECK.format(body=body.strip()))
    answer = run_doctor()
    assert answer.exit_code == 1
    assert "[JS-4003] water · 水泵 · 地下室 漏了 3 升" in answer.output
    assert "→ 关掉 总阀" in answer.output
    assert "[JS-4003] water · 水泵 水压太低" in answer.output
    assert "2 个问题" in answer.output


def test_a_problem_that_is_raised_is_a_finding(
    run_doctor: Doctor,
    write_plugin: Callable[..., Path],  # noqa: F811
) -> None:
    raised = 'raise ProblemError(Problem("JS-4003", "泵没有答复", "看电源"))'
    write_plugin("water", CHECK.format(body=raised))
    answer = run_doctor()
    assert answer.exit_code == 1
    assert "[JS-4003] water · 水泵 泵没有答复" in answer.output and "1 个问题" in answer.output


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_check_is_a_finding_and_the_others_run(
    fault: str,
    run_doctor: Doctor,
    write_plugin: Callable[..., Path],  # noqa: F811
) -> None:
    body, words = FAULTS[fault]
    write_plugin("water", CHECK.format(body=body))
    leak = CHECK.format(body="return [Problem('JS-4003', '后面的也查了', '好')]")
    write_plugin("zebra", leak)
    answer = run_doctor()
    assert answer.exit_code == 1 and answer.exception.__class__ is SystemExit
    assert "[JS-4001] water · 水泵" in answer.output and words in answer.output
    assert "后面的也查了" in answer.output and "2 个问题" in answer.output


def test_a_check_that_hangs_is_not_waited_for(
    run_doctor: Doctor,
    write_plugin: Callable[..., Path],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "PLUGIN_SECONDS", 0.3)
    write_plugin("water", CHECK.format(body="return NEVER.wait(20) and []"))
    answer = run_doctor()
    assert answer.exit_code == 1
    assert "[JS-4001] water · 水泵 检查在" in answer.output


def test_the_statistics_plugin_looks_at_its_folder(run_doctor: Doctor, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "plugins" / "library_stats"
    if folder.exists():
        folder.rmdir()
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be", encoding="utf-8")
    answer = run_doctor()
    assert answer.exit_code == 1
    assert "[JS-1002] library_stats · 记录用的文件夹 不能写入" in answer.output
