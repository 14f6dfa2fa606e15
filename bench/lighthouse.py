"""Google Lighthouse on reading pages, as a phone: performance, accessibility, practices, SEO."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from bench.figures import Figure, show
from bench.serving import PortalHome

VERSION = "13.5.0"
RUNS = 3
TRIES = 3
"""Lighthouse asks to be run again when Chromium has lost its trace, as happens under load."""
PAGES = {
    "home": "/",
    "article": "/tutorials/wbs-basics",
    "list": "/faq/",
    "search": f"/search?q={quote('里程碑')}",
    "login": "/login",
}
CATEGORIES = "performance,accessibility,best-practices,seo"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic"


def missing() -> str:
    """What has to be installed first; empty when all is there."""
    if not shutil.which("npx"):
        return "Node.js 18 or newer (apt-get install nodejs npm)"
    if not shutil.which("chromium"):
        return "chromium (apt-get install chromium fonts-noto-cjk)"
    return ""


def scores(url: str) -> dict[str, float]:
    """Category → score of 0–100, and the largest paint in seconds and the layout shift."""
    command = ["npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet", "--output=json"]
    command += [f"--only-categories={CATEGORIES}", f"--chrome-flags={FLAGS}"]
    environ = {**os.environ, "CHROME_PATH": str(shutil.which("chromium"))}
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, env=environ, timeout=300)
        if done.returncode == 0:
            break
    else:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    report = json.loads(done.stdout)
    found = {name: 100 * part["score"] for name, part in report["categories"].items()}
    audits = report["audits"]
    found["LCP"] = audits["largest-contentful-paint"]["numericValue"] / 1000
    found["CLS"] = audits["cumulative-layout-shift"]["numericValue"]
    return found


def main() -> list[Figure]:
    """Print the table, or what is missing to make it."""
    if needed := missing():
        print(f"\n## Lighthouse\n\nleft out: needs {needed}")
        return []
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        home = PortalHome(Path(folder), {"anonymous_read": "true"})
        home.run("init")
        with home.serving() as server:
            for name, path in PAGES.items():
                runs = [scores(server.url + path) for _ in range(RUNS)]
                for part in runs[0]:
                    value = statistics.median(run[part] for run in runs)
                    if part == "LCP":
                        figures.append(Figure(f"{name}: largest paint", value, "s", most=0.8))
                    elif part == "CLS":
                        figures.append(Figure(f"{name}: layout shift", value, "", most=0))
                    else:
                        figures.append(Figure(f"{name}: {part}", value, "", least=95))
    show(f"Lighthouse {VERSION}, mobile, median of {RUNS}", figures)
    return figures


if __name__ == "__main__":
    main()
