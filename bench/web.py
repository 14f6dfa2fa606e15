"""How quickly pages come: one reader at a time, and as many pages a second as two workers give."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from bench import corpus
from bench.client import Connection, articles, sign_in
from bench.figures import Figure, latency, show
from bench.load import per_second
from bench.serving import ROOT, PortalHome, free_port, wait_for
from portal.cli.serve import THREADS

WORKERS = 2
KINDS = ("faq", "tutorials", "manuals", "troubleshooting", "cases")
TYPED = (
    "里程碑 审批 关键路径 基线 周报 风险 需求变更 前置任务 挣值 资源冲突 工作流 定时调度 数据源 "
    "告警 租户 任务 甘特图 端口 数据库 导入 权限 模板 复盘 看板 部署 集群 日志 参数 补数 依赖"
)
WORDS = TYPED.split()
ROUNDS = 3


@contextmanager
def hello() -> Iterator[int]:
    """The port of the bare application, served as `portal serve` serves ours."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "error", "bench.hello:app"], cwd=ROOT
    )
    try:
        wait_for(port, "/")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=15)


def queries(titles: list[str]) -> list[str]:
    """Search addresses: words people type, alone and in pairs, each only once."""
    chance = random.Random(7)
    pairs = [f"{one} {two}" for one in WORDS for two in WORDS if one < two]
    chosen = [*WORDS, *chance.sample(pairs, 90), *titles[:80]]
    return [f"/search?q={quote(query)}" for query in chosen]


def measure() -> list[Figure]:
    """Every figure of this program."""
    with tempfile.TemporaryDirectory() as folder, hello() as bare:
        home = PortalHome(Path(folder), {"anonymous_read": "true"})
        home.run("init")
        if (manual := corpus.manual()) is not None:
            home.run("import", str(manual), "--kind", "manual", "--publish", fine=(0, 1))
        home.add_user("bench", "reader")
        with home.serving(WORKERS) as server:
            return [*one_reader(server.port), *many_readers(server.port, bare)]


def one_reader(port: int) -> list[Figure]:
    """Latencies on one kept-open connection."""
    visitor = Connection(port)
    pages = articles(visitor, KINDS)
    titles = [page.rsplit("/", 1)[-1].replace("-", " ") for page in pages]
    found = [Figure("articles served", len(pages), "pages", least=60)]
    # Each worker has a memory of its own: the first round is as cold as it gets.
    found += latency("article page, first view", visitor.times(pages))
    found += latency("article page", visitor.times(pages * ROUNDS), most=5)
    searches = queries(titles)
    found += latency("search page", visitor.times(searches), most=20)
    found += latency("suggestions", visitor.times(suggestions()), most=50)
    member = Connection(port, sign_in(port, "bench"))
    member.times(pages)
    found += latency("article page, signed in", member.times(pages), most=5)
    found += latency("search page, signed in", member.times(searches), most=20)
    return found


def suggestions() -> list[str]:
    """What the search box asks while somebody types."""
    return [
        f"/api/v1/suggest?q={quote(word[:length])}"
        for word in WORDS
        for length in range(1, len(word) + 1)
    ]


def many_readers(port: int, bare: int) -> list[Figure]:
    """Pages per second with two workers, and beside the bare application on the same server."""
    pages = articles(Connection(port), KINDS)
    cookie = sign_in(port, "bench")
    simple = per_second(bare, ["/"])
    visitors = per_second(port, pages)
    members = per_second(port, pages, cookie)
    searches = per_second(port, queries([])[: len(WORDS)])
    return [
        Figure("bare Flask application", simple.rate, "pages/s", note=simple.tool),
        Figure("articles, visitors", visitors.rate, "pages/s", least=1200, note=visitors.tool),
        Figure("articles, signed in", members.rate, "pages/s", least=500),
        Figure("searches, visitors", searches.rate, "pages/s"),
        Figure("visitors ÷ bare application", visitors.rate / simple.rate, "×"),
        Figure("signed in ÷ bare application", members.rate / simple.rate, "×"),
    ]


def main() -> list[Figure]:
    """Print the table."""
    figures = measure()
    show(f"Pages over HTTP, {WORKERS} workers; {corpus.described()}", figures)
    return figures


if __name__ == "__main__":
    main()
