"""Takes the pictures of the manuals again: ``python -m docs.screenshots``, from the root.

Starts a portal with the bundled articles on a temporary home and writes ``content/img/m-*.png``.
Needs Debian's chromium and fonts-noto-cjk, and what ``requirements-dev.txt`` installs. Names on
the command line take only those: ``python -m docs.screenshots search editor``.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench.serving import PASSWORD, ROOT, PortalHome, Server

PICTURES = ROOT / "content" / "img"
MOST_BYTES = 120 * 1024
COLOURS = 128
WIDE, PHONE = 1200, 390
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PEOPLE = (
    ("li.na", "author", "李娜"),
    ("wang.min", "reviewer", "王敏"),
    ("chen.jie", "pmso", "陈杰"),
    ("root.admin", "admin", "系统管理员"),
)
EXAMPLE = """任务**退回**后不用重新建：改好被指出的地方，在原来的任务上再提交一次。

!!! tip "先看退回的理由"
    理由里会写明差哪一项。没有写，就问退回的人。

## 三步重新提交

1. 打开被退回的任务，读退回理由。
2. 逐条改好，并在任务里写一句改了什么。
3. 再次提交，通知对方。

| 退回理由 | 谁来改 | 多久 |
|---|---|---:|
| 附件不全 | 提交人 | 当天 |
| 金额不符 | 提交人与财务 | 两天 |

- [x] 附件齐全
- [ ] 对方确认
"""


@dataclass(frozen=True)
class Shot:
    """A picture: who looks, through how large a window, and what is done before."""

    name: str
    who: str
    prepare: Callable[[Page], None]
    width: int = WIDE
    height: int = 800


def opened(path: str) -> Callable[[Page], None]:
    """Opens `path` and nothing else."""
    return lambda page: go(page, path)


def go(page: Page, path: str) -> None:
    """Open `path` and wait until it is quiet."""
    page.goto(path, wait_until="networkidle")


def press(page: Page, label: str) -> None:
    """Press one of the editor's buttons and wait for the answer."""
    page.locator(".editor-actions").get_by_role("button", name=label).click()
    page.wait_for_load_state("networkidle")


def write_example(page: Page) -> None:
    """A new article, typed but not saved; the preview beside it."""
    go(page, "/editor/new?kind=faq")
    page.fill("[name=title]", "任务被退回了，怎么重新提交？")
    page.fill("[name=summary]", "在原来的任务上改好再提交一次，不用重新建；先看退回的理由。")
    page.fill("[name=body]", EXAMPLE)
    page.locator(".editor-preview table").wait_for()
    page.locator("[name=body]").evaluate("area => { area.scrollTop = 0; area.blur(); }")
    page.locator("[name=title]").evaluate("field => scrollTo(0, field.offsetTop - 60)")


def clash(page: Page) -> None:
    """Two windows on one article: the one that saves second is shown both texts."""
    write_example(page)
    press(page, "保存草稿")
    other = page.context.new_page()
    go(other, page.url)
    other.fill("[name=body]", EXAMPLE.replace("当天", "半天"))
    press(other, "保存草稿")
    other.close()
    page.fill("[name=body]", EXAMPLE.replace("通知对方", "打电话告诉对方"))
    press(page, "保存草稿")
    page.locator("main h1").evaluate("title => scrollTo(0, title.offsetTop - 20)")


def restricted_space(page: Page) -> None:
    """A department and a space that only it may read."""
    go(page, "/admin/units")
    page.fill("main [name=name]", "采购部")
    page.click("main form button")
    go(page, "/admin/spaces")
    page.fill("main [name=name]", "采购评审")
    page.fill("main [name=slug]", "purchasing")
    page.click("main form button")
    page.select_option("#grant", label="采购部")
    page.get_by_role("button", name="加上").click()
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")


def gantt(page: Page) -> None:
    """The roll-out template, from its summary to the chart."""
    go(page, "/templates/pm_software_rollout")


SHOTS = (
    Shot("search", "", opened("/search?q=导入 图片")),
    Shot("phone", "", opened("/faq/late-task-what-now"), PHONE, 844),
    Shot("editor", "li.na", write_example),
    Shot("conflict", "li.na", clash, height=720),
    Shot("space", "chen.jie", restricted_space, height=860),
    Shot("template", "li.na", gantt, height=900),
    Shot("plugins", "root.admin", opened("/admin/plugins"), height=720),
)


def keep(data: bytes, path: Path) -> None:
    """Write a screenshot with few colours. Raises ValueError when it is still too large."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"{path.name}: {size} bytes")
    print(f"{path.relative_to(ROOT)}  {size // 1024} KB")


def take(browser: Browser, server: Server, shot: Shot) -> None:
    """One picture, in a window of its own."""
    context = browser.new_context(
        base_url=server.url,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="light",
        reduced_motion="reduce",
        locale="zh-CN",
    )
    page = context.new_page()
    if shot.who:
        go(page, "/login")
        page.fill("main [name=name]", shot.who)
        page.fill("main [name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda address: "/login" not in address)
    shot.prepare(page)
    keep(page.screenshot(), PICTURES / f"m-{shot.name}.png")
    context.close()


@contextmanager
def portal() -> Iterator[Server]:
    """A portal with the bundled articles and `PEOPLE`."""
    with tempfile.TemporaryDirectory() as folder:
        home = PortalHome(Path(folder), {"anonymous_read": "true"})
        home.run("init")
        for name, role, shown in PEOPLE:
            words = ("users", "add", name, "--role", role, "--display-name", shown)
            home.run(*words, "--password-stdin", stdin=PASSWORD + "\n")
        with home.serving() as server:
            yield server


def main(names: list[str]) -> None:
    """Take the pictures with these names, or all."""
    unknown = set(names) - {shot.name for shot in SHOTS}
    if unknown:
        sys.exit(f"no such picture: {', '.join(sorted(unknown))}")
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no chromium here: apt-get install chromium fonts-noto-cjk")
    with portal() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for shot in SHOTS:
            if not names or shot.name in names:
                take(browser, server, shot)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
