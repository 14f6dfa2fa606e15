"""The smallest plugin in docs/plugins/index.md works as printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from portal.plugin_host import host
from portal.plugin_host.states import State
from tests.portal.plugins.conftest import Load

GUIDE = (Path(__file__).parents[3] / "docs" / "plugins" / "index.md").read_text(encoding="utf-8")


def test_the_smallest_plugin(write_plugin: Callable[..., Path], load: Load) -> None:
    code = re.search(r"```python\n(.*?)```", GUIDE, re.S)
    assert code is not None
    write_plugin("greeting", code[1], bare=True)
    app = load(plugins={"greeting": {"words": "早上好"}})
    page = app.test_client().get("/").get_data(as_text=True)
    assert "<p>早上好，访客！</p>" in page
    with app.app_context():
        plugin = host().plugin("greeting")
        assert plugin is not None and plugin.state is State.ACTIVE
