"""What entering a step may give."""

from __future__ import annotations

import math
from datetime import timedelta

from portal.contributions import Done, Retry, Wait, WorkflowStepKind
from portal.plugin_host.shape import mistyped

SHORTEST, LONGEST = 1.0, timedelta(days=366).total_seconds()
"""Seconds until a step is tried again."""


def checked(kind: WorkflowStepKind, result: object) -> Done | Wait | Retry:
    """`result` when it is one of the three and makes sense; else TypeError or ValueError, which
    is the plugin's failure.
    """
    if not isinstance(result, Done | Wait | Retry):
        raise TypeError(f"enter gave {type(result).__name__}, not Done, Wait or Retry")
    if wrong := mistyped(result):
        raise TypeError(f"{type(result).__name__}.{wrong}")
    if isinstance(result, Done):
        names = [outcome.name for outcome in kind.outcomes]
        if result.outcome not in names:
            raise ValueError(f"outcome {result.outcome!r} is none of {', '.join(names)}")
    elif isinstance(result, Wait):
        if result.until is not None and result.until.tzinfo is None:
            raise ValueError("Wait.until has no time zone")
    elif not math.isfinite(result.seconds) or result.seconds < 0:
        raise ValueError(f"Retry.seconds is {result.seconds}")
    else:
        return Retry(result.note, min(max(result.seconds, SHORTEST), LONGEST))
    return result
