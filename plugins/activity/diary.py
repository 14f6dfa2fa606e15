"""The events on disk: a line of JSON each, appended; the oldest are dropped now and then."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "events.jsonl"


@dataclass(frozen=True)
class Event:
    """Something that happened. `at` is ISO 8601 in UTC; `url` may be empty."""

    at: str
    kind: str
    text: str
    url: str = ""
    who: str = ""

    @property
    def moment(self) -> datetime:
        """When it happened, aware."""
        return datetime.fromisoformat(self.at)


def now() -> str:
    """Now, as an event writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def add(folder: Path, event: Event) -> None:
    """Append an event: one write of one line, so that processes do not mix theirs."""
    line = json.dumps(asdict(event), ensure_ascii=False) + "\n"
    with (folder / FILE).open("ab") as file:
        file.write(line.encode())


def newest(folder: Path, limit: int) -> list[Event]:
    """The last events, newest first. A line that cannot be read is passed over."""
    path = folder / FILE
    if not path.exists():
        return []
    found = []
    for line in reversed(path.read_text("utf-8").splitlines()):
        try:
            found.append(Event(**json.loads(line)))
        except (ValueError, TypeError):
            continue  # cut off by a crash
        if len(found) >= limit:
            break
    return found


def trim(folder: Path, keep: int) -> int:
    """Drop the oldest events beyond `keep`; gives how many went."""
    path = folder / FILE
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    surplus = len(lines) - keep
    if surplus <= 0:
        return 0
    draft = path.with_suffix(".new")
    draft.write_bytes(b"".join(lines[surplus:]))
    draft.replace(path)
    return surplus
