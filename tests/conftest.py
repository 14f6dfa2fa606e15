"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A slow machine is no fault of the code: nothing in tests/ is timed.
settings.register_profile("portal", deadline=None)
settings.load_profile("portal")
