"""What an import did: every page accounted for, every finding with its next step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kb.problems import Problem


class Outcome(StrEnum):
    """What became of a page."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    """Edited in the portal since the last import: left as it is there."""
    REFUSED = "refused"


LABELS = {
    Outcome.CREATED: "新增",
    Outcome.UPDATED: "更新",
    Outcome.UNCHANGED: "未变",
    Outcome.KEPT: "保留门户里的修改",
    Outcome.REFUSED: "没有导入",
}


@dataclass(frozen=True)
class PageResult:
    """One page of the source and the article it became."""

    path: str
    outcome: Outcome
    article_id: int | None = None
    url: str | None = None


@dataclass
class Report:
    """Filled while an import runs."""

    pages: list[PageResult] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    media: int = 0
    """Pictures, videos and files now in the library for these pages."""
    lost: bool = False
    """A conversion to Markdown could not bring everything along; the problems say what."""

    def counts(self) -> dict[Outcome, int]:
        """How many pages had each outcome."""
        counted = Counter(page.outcome for page in self.pages)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def exit_code(self) -> int:
        """0 when everything is in, 1 when some of it was refused."""
        return 1 if self.lost or self.counts()[Outcome.REFUSED] else 0

    def summary(self) -> str:
        """One line for people."""
        counts = [f"{LABELS[outcome]} {count}" for outcome, count in self.counts().items() if count]
        total = f"共 {len(self.pages)} 篇"
        media = f"，图片和附件 {self.media} 个" if self.media else ""
        return f"{total}：{'，'.join(counts) or '没有文章'}{media}"

    def as_json(self) -> dict[str, Any]:
        """The report as `portal import --json` prints it."""
        return {
            **{outcome.value: count for outcome, count in self.counts().items()},
            "media": self.media,
            "pages": [
                {
                    "path": page.path,
                    "outcome": page.outcome.value,
                    "id": page.article_id,
                    "url": page.url,
                }
                for page in self.pages
            ],
            "problems": [
                {
                    "code": problem.code,
                    "severity": problem.severity,
                    "where": problem.where,
                    "message": problem.text(),
                    "remedy": problem.next_step(),
                }
                for problem in self.problems
            ],
        }
