"""Can the plugin keep what it writes down?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from portal.api import N_, PluginContext, Problem


def check(ctx: PluginContext) -> Iterator[Problem]:
    """A finding when the plugin's folder cannot be written to."""
    try:
        with tempfile.TemporaryFile(dir=ctx.data_dir):
            return
    except OSError as error:
        yield Problem(
            "JS-1002",
            N_("不能写入 %(folder)s：%(error)s"),
            N_("把这个文件夹的写权限给运行门户的用户，并看磁盘满了没有"),
            params={
                "folder": ctx.home / "plugins" / ctx.name,
                "error": error.strerror or error,
            },
        )
