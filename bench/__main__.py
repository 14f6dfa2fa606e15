"""``python -m bench [NAME …]``: all measurements, or the ones named."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

from bench.figures import Figure, verdict

PROGRAMS = ("start", "web", "plugins", "importing", "relevance", "lighthouse")
ALONE = frozenset({"relevance"})
"""Programs with options and a table of their own."""


def main() -> None:
    """Run them one after another; each prints its table."""
    chosen = sys.argv[1:] or list(PROGRAMS)
    unknown = [name for name in chosen if name not in PROGRAMS]
    if unknown:
        sys.exit(f"no measurement named {', '.join(unknown)}; there are: {', '.join(PROGRAMS)}")
    figures: list[Figure] = []
    for name in chosen:
        if name in ALONE:
            print(f"\n## {name}\n", flush=True)
            subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)
        else:
            figures += import_module(f"bench.{name}").main()
    print(f"\n{verdict(figures)}")


if __name__ == "__main__":
    main()
