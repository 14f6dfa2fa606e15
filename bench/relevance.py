"""How well and how fast the embedded engine finds things, on data that lies beside the project.

    python bench/relevance.py [--data FOLDER] [--questions 1000] [--seed 7]

Prints one table: a question should find its passage, a heading its page, a title its page. Only
headings and titles that stand on a single page are asked, or there would be no right answer.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kb.document import Section  # noqa: E402
from kb.search import SearchDocument, parse_query  # noqa: E402
from kb.search.whoosh_engine import WhooshEngine  # noqa: E402
from kb.text import fold  # noqa: E402

Asked = list[tuple[str, str]]
"""(query, id of the one right article)."""


def lines(path: Path) -> Iterator[dict[str, str]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def passages(folder: Path, count: int, seed: int) -> tuple[list[SearchDocument], Asked]:
    """One article for each passage, and a sample of the questions."""
    documents = [
        SearchDocument(
            id=p["id"], kind="manual", title=p["title"],
            sections=(Section("", "", 1, (), p["body"]),),
        )
        for p in lines(folder / "passages.jsonl")
    ]  # fmt: skip
    questions = [(q["question"], q["passage_id"]) for q in lines(folder / "questions.jsonl")]
    return documents, random.Random(seed).sample(questions, min(count, len(questions)))


def page(id_: str, text: str) -> SearchDocument:
    """A Markdown page cut at its ``#`` headings; the first of them is the title."""
    title, code = "", False
    parts: list[tuple[str, int, list[str]]] = [("", 1, [])]
    for line in text.splitlines():
        if line.startswith("```"):
            code = not code
        match = None if code else re.match(r"(#{1,6})\s+(.*?)\s*#*$", line)
        if match is None:
            parts[-1][2].append(re.sub(r"!\[[^\]]*\]|\]\([^)]*\)", "", line))
            continue
        heading = re.sub(r"\{#.*?\}|[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", match[2]).strip()
        if title:
            parts.append((heading, len(match[1]), []))
        else:
            title = heading
    sections = tuple(
        Section(f"s{i}" if h else "", h, level, (h,), "\n".join(body))
        for i, (h, level, body) in enumerate(parts)
    )
    return SearchDocument(id=id_, kind="manual", title=title or id_, sections=sections)


def manual(folder: Path) -> tuple[list[SearchDocument], Asked, Asked]:
    """The pages below `folder`, their headings and their titles as queries."""
    documents = [
        page(str(path.relative_to(folder)), path.read_text(encoding="utf-8", errors="replace"))
        for path in sorted(folder.rglob("*.md"))
    ]

    def single(of: Iterable[tuple[str, str]]) -> Asked:
        asked = [(text, id_) for text, id_ in of if len(text) > 1]
        times = Counter(fold(text) for text, _ in asked)
        return [(text, id_) for text, id_ in asked if times[fold(text)] == 1]

    headings = single((s.heading, d.id) for d in documents for s in d.sections)
    return documents, headings, single((d.title, d.id) for d in documents)


def measure(engine: WhooshEngine, asked: Asked) -> tuple[float, float, float, float]:
    """MRR@10, Recall@10, and p50 and p95 of a query in milliseconds."""
    reciprocal = recalled = 0.0
    times = []
    for text, right in asked:
        start = time.perf_counter()
        hits = engine.search(parse_query(text)).hits
        times.append((time.perf_counter() - start) * 1000)
        for rank, hit in enumerate(hits, 1):
            if hit.id == right:
                reciprocal += 1 / rank
                recalled += 1
    times.sort()
    size = len(asked)
    return reciprocal / size, recalled / size, times[size // 2], times[int(size * 0.95)]


def report(name: str, documents: list[SearchDocument], of: dict[str, Asked]) -> None:
    """Index `documents` and print a line for each set of queries."""
    with tempfile.TemporaryDirectory() as folder:
        engine = WhooshEngine(Path(folder))
        start = time.perf_counter()
        engine.rebuild(documents)
        built = time.perf_counter() - start
        size = engine.stats().bytes / 1e6
        print(f"{name}: {len(documents)} articles, built in {built:.1f} s, {size:.1f} MB")
        for label, asked in of.items():
            mrr, recall, p50, p95 = measure(engine, asked)
            print(
                f"  {label:<20}{len(asked):>6}  MRR@10 {mrr:.4f}  Recall@10 {recall:.4f}"
                f"  p50 {p50:5.1f} ms  p95 {p95:5.1f} ms"
            )
        engine.close()


def main() -> int:
    """Exit 0, or 2 when there is no data at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    done = 0
    relevance: Path = options.data / "relevance"
    if (relevance / "passages.jsonl").is_file():
        documents, asked = passages(relevance, options.questions, options.seed)
        name = f"passages (sample of questions, seed {options.seed})"
        report(name, documents, {"question → passage": asked})
        done += 1
    else:
        print(f"not measured: no passages in {relevance}")
    corpora: Path = options.data / "corpora"
    found = sorted(folder for folder in corpora.glob("*") if folder.is_dir())
    for folder in found:
        documents, headings, titles = manual(folder)
        report(folder.name, documents, {"heading → page": headings, "title → page": titles})
        done += 1
    if not found:
        print(f"not measured: no manuals in {corpora}")
    return 0 if done else 2


if __name__ == "__main__":
    sys.exit(main())
