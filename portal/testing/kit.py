"""What the contracts share."""

from __future__ import annotations

from kb.problems import Problem


def fail_unless(fine: bool, words: str) -> None:
    """Raise AssertionError with `words` unless it is fine."""
    if not fine:
        raise AssertionError(words)


def in_words(problem: Problem) -> None:
    """A problem must have a code, a sentence and a next step, and all its values."""
    fail_unless(bool(problem.code), f"问题没有代码：{problem.message!r}")
    try:
        text, remedy = problem.text(), problem.next_step()
    except (KeyError, ValueError, TypeError) as error:
        raise AssertionError(f"问题里的占位符没有值：{problem.message!r}（{error!r}）") from error
    fail_unless(bool(text.strip()), f"问题没有说明：{problem!r}")
    fail_unless(bool(remedy.strip()), f"没有写下一步：{text}")
