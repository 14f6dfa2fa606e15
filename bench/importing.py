"""How long it takes to bring a manual in: import, rendering and index, through `portal import`."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from bench import corpus
from bench.figures import Figure, show
from bench.serving import PortalHome

TRIES = 3


def once(folder: Path, source: Path) -> dict[str, float]:
    """Seconds of one import into a fresh home: the whole command, and then its parts apart."""
    whole = PortalHome(folder / "whole")
    whole.run("init", "--no-content")
    started, worked = time.perf_counter(), processor_time()
    whole.run("import", str(source), "--kind", "manual", "--publish", fine=(0, 1))
    found = {"whole": time.perf_counter() - started, "processor": processor_time() - worked}
    apart = PortalHome(folder / "apart")
    apart.run("init", "--no-content")
    apart.command = [sys.executable, "-m", "bench.importing"]
    found.update(json.loads(apart.run(str(source))))
    return found


def processor_time() -> float:
    """Seconds of processor time of the commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def parts(source: Path) -> dict[str, float]:
    """In this process: seconds of the parts of an import into the home of the environment."""
    started = time.perf_counter()
    from portal.cli.context import portal_app
    from portal.importing import service as importing
    from portal.search import service as search

    with portal_app():
        ready = time.perf_counter()
        report = importing.import_path(source, kind="manual", publish=True)
        imported = time.perf_counter()
        search.catch_up()
        indexed = time.perf_counter()
    return {
        "start": ready - started,
        "import": imported - ready,
        "index": indexed - imported,
        "pages": len(report.pages),
    }


def main() -> list[Figure]:
    """Print the table."""
    source = corpus.manual() or corpus.BUNDLED
    with tempfile.TemporaryDirectory() as folder:
        tries = [once(Path(folder) / str(number), source) for number in range(TRIES)]
    best = min(tries, key=lambda one: one["whole"])
    target = 5 if corpus.manual() else None
    figures = [
        Figure("pages", best["pages"]),
        Figure(f"portal import, best of {TRIES}", best["whole"], "s", most=target),
        Figure("  processor time of it", best["processor"], "s"),
        Figure("  start of the program", best["start"], "s"),
        Figure("  reading, pictures, rendering, writing", best["import"], "s"),
        Figure("  index", best["index"], "s"),
        Figure("slowest try", max(one["whole"] for one in tries), "s"),
    ]
    show(f"Import into an empty home; {'the manual' if target else corpus.described()}", figures)
    return figures


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(parts(Path(sys.argv[1]))))
    else:
        main()
