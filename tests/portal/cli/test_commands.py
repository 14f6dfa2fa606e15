"""The `portal` command as other programs call it: real processes, exit codes, JSON."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    chosen = {"PORTAL_DATABASE_URL": database_url} if database_url else {}
    return {**inherited, "PORTAL_HOME": str(tmp_path / "home"), **chosen}


@pytest.fixture
def portal(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run a `portal` command in this test's home."""

    def run(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portal.cli", *arguments],
            capture_output=True,
            text=True,
            input=stdin,
            env={**environment, **env},
            cwd=tmp_path,
            timeout=120,
        )

    return run


@pytest.fixture
def ready(portal: Run) -> Run:
    """A home without articles."""
    done = portal("init", "--no-content")
    assert done.returncode == 0, done.stderr
    return portal


def test_help_names_every_command(portal: Run) -> None:
    text = portal("--help").stdout
    names = "init serve worker doctor db users import search reindex lint plugins"
    for name in names.split():
        assert re.search(rf"^  {name} ", text, re.M), name


def test_init_loads_content_once_and_keeps_everything(portal: Run) -> None:
    first = portal("init")
    assert first.returncode == 0, first.stderr
    assert re.search(r"新增 \d\d", first.stdout)
    second = portal("init")
    assert second.returncode == 0
    assert "新增" not in second.stdout and "未变" in second.stdout
    doctor = portal("doctor")
    assert doctor.returncode == 0, doctor.stdout


def test_users(ready: Run) -> None:
    added = ready(
        "users",
        "add",
        "Li.Na",
        "--role",
        "author",
        "--password-stdin",
        stdin="four words here ok\n",
    )
    assert added.returncode == 0, added.stderr
    assert "li.na\tauthor" in ready("users", "list").stdout
    link = ready("users", "reset-link", "li.na")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/welcome/[\w-]{40,}\n", link.stdout)
    assert ready("users", "token", "li.na").stdout.startswith("jsp_")
    again = ready("users", "add", "li.na", "--role", "admin")
    assert again.returncode == 2
    assert "已经有名为 li.na 的用户" in again.stderr and "→" in again.stderr
    short = ready("users", "add", "x.y", "--role", "reader", "--password-stdin", stdin="short\n")
    assert short.returncode == 2 and "10 个字符" in short.stderr
    assert ready("users", "reset-link", "nobody").returncode == 2


def test_import_search_and_report(ready: Run, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# 关键路径\n\n## 总时差\n\n总时差为零的任务。\n", encoding="utf-8")
    (docs / "b.md").write_text("---\n: [\n---\n", encoding="utf-8")
    done = ready("import", str(docs), "--kind", "manual", "--publish", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["created"], report["refused"]) == (1, 1)
    assert report["problems"][0]["code"] == "JS-2001"
    found = json.loads(ready("search", "总时差", "--json").stdout)
    assert found["hits"][0]["source"] == "a.md"
    assert found["hits"][0]["anchor"] == "总时差"
    assert "关键路径" in ready("search", "总时差").stdout
    assert ready("import", str(tmp_path / "nowhere")).returncode == 2
    assert ready("import", str(docs), "--space", "nowhere").returncode == 2


def test_reindex_and_doctor_after_the_index_is_gone(ready: Run, tmp_path: Path) -> None:
    docs = tmp_path / "a.md"
    docs.write_text("# 关键路径\n\n内容\n", encoding="utf-8")
    assert ready("import", str(docs), "--kind", "faq", "--publish").returncode == 0
    for file in (tmp_path / "home" / "index").rglob("*"):
        if file.is_file():
            file.write_bytes(b"garbage")
    sick = ready("doctor")
    assert sick.returncode == 1
    assert "JS-1004" in sick.stdout and "portal reindex" in sick.stdout
    assert ready("reindex").returncode == 0
    assert ready("doctor").returncode == 0


def test_a_missing_database_says_what_to_run(portal: Run) -> None:
    answer = portal("users", "list")
    assert answer.returncode == 2
    assert "JS-1003" in answer.stderr and "portal init" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert portal("doctor").returncode == 1


def test_bad_settings_are_told_together(portal: Run) -> None:
    answer = portal("users", "list", PORTAL_PORT="x", PORTAL_WORKERS="0")
    assert answer.returncode == 2
    assert answer.stderr.count("JS-1005") == 2


def test_an_unreachable_database_is_named(portal: Run) -> None:
    answer = portal(
        "users", "list", PORTAL_DATABASE_URL="postgresql://u:pw-secret@127.0.0.1:9/none"
    )
    assert answer.returncode == 2
    assert "JS-1002" in answer.stderr
    assert "pw-secret" not in answer.stderr and "Traceback" not in answer.stderr


def test_plugins_list(ready: Run) -> None:
    listed = json.loads(ready("plugins", "list", "--json").stdout)
    assert {plugin["state"] for plugin in listed} == {"active"}
    assert len(listed) >= 8


def test_lint(portal: Run, tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "a.md").write_text("---\ntitle: 好\n---\n[坏](b.md)\n", encoding="utf-8")
    answer = portal("lint", str(folder))
    assert answer.returncode == 1 and "JS-2008" in answer.stdout
    assert portal("lint", str(tmp_path / "none")).returncode == 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str, seconds: float = 30) -> str:
    """The body at `url`, waiting for the server to come up."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.fixture
def serving(
    ready: Run, environment: dict[str, str], tmp_path: Path
) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A portal that serves: (port, its process)."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "portal.cli", "serve", "--port", str(port), "--workers", "2"],
        env={**environment, "PORTAL_ANONYMOUS_READ": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )
    try:
        yield port, server
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)


def test_serve_answers_indexes_and_says_when_the_port_is_taken(
    serving: tuple[int, subprocess.Popen[str]], ready: Run, tmp_path: Path
) -> None:
    port, server = serving
    assert '"status":"ok"' in get(f"http://127.0.0.1:{port}/healthz").replace(" ", "")
    page = tmp_path / "a.md"
    page.write_text("# 挣值管理\n\n进度绩效指数。\n", encoding="utf-8")
    assert ready("import", str(page), "--kind", "faq", "--publish").returncode == 0
    assert "挣值管理" in get(f"http://127.0.0.1:{port}/faq/a")
    assert '"total":1' in get(
        f"http://127.0.0.1:{port}/api/v1/search?q=%E7%BB%A9%E6%95%88"
    ).replace(" ", "")
    taken = ready("serve", "--port", str(port))
    assert taken.returncode == 2
    assert "JS-1001" in taken.stderr and str(port + 1) in taken.stderr
    assert server.poll() is None


def test_the_first_administrators_link_is_printed_until_there_is_one(
    serving: tuple[int, subprocess.Popen[str]],
) -> None:
    port, server = serving
    assert server.stdout is not None
    lines = [server.stdout.readline(), server.stdout.readline()]
    link = re.search(r"http://127\.0\.0\.1:\d+(/welcome/\S+)", lines[1])
    assert link is not None, lines
    assert "建立第一个管理员" in get(f"http://127.0.0.1:{port}{link[1]}")


def test_worker_once_drains_the_queue(ready: Run) -> None:
    assert ready("worker", "--once").returncode == 0
