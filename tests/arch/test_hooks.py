"""Every hook is asked for somewhere in the core, and has its worst case in the chaos suite."""

from __future__ import annotations

import re

from portal.plugin_host.collecting import HOOKS
from portal.plugin_host.registering import hook_names
from tests.arch.sources import python
from tests.portal.plugins.chaos import CHAOS

NOT_A_CALL = {"portal/hookspecs.py", "portal/plugin_host/collecting.py"}


def asked_for(name: str, text: str) -> bool:
    """Does `text` call the hook: by its name, or as an event?"""
    event = name.removeprefix("portal_on_")
    if event != name:
        return re.search(rf'emit\(\s*"{event}"|"portal_on_{event}"', text) is not None
    return f'"{name}"' in text


def test_every_hook_is_called_by_the_core() -> None:
    sources = [source.text for source in python("portal") if source.path not in NOT_A_CALL]
    unused = [name for name in hook_names() if not any(asked_for(name, text) for text in sources)]
    assert unused == []


def test_a_hook_that_nobody_calls_is_seen() -> None:
    assert asked_for("portal_on_login", 'host().emit(\n    "login", login=view)')
    assert not asked_for("portal_on_login", 'host().emit("logout")')
    assert not asked_for("portal_navigation", "portal_navigation")


def test_every_hook_has_a_broken_implementation() -> None:
    sources = "\n".join(CHAOS.values())
    assert [name for name in hook_names() if f"def {name}(" not in sources] == []


def test_every_collecting_hook_says_what_it_accepts() -> None:
    others = ("portal_on_", "portal_resolve_")
    assert set(HOOKS) == {name for name in hook_names() if not name.startswith(others)}
