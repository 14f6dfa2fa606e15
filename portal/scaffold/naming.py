"""Names a new plugin may have."""

from __future__ import annotations

import importlib.util
import keyword
import sys

from kb.problems import N_, Problem
from portal.plugin_host.discovery import BUNDLED
from portal.plugin_host.manifest import NAME

# Packages that the portal brings, and the folder of the plugin's own tests.
TAKEN = frozenset({"portal", "kb", "plugins", "migrations", "content", "tests"})


def refusal(name: str) -> Problem | None:
    """Why no plugin can be called `name`, or None."""
    if not NAME.fullmatch(name):
        message = N_("插件名 %(name)s 不能用")
        remedy = N_("用 2–40 个小写字母、数字、下划线，以字母开头，例如 office_move")
    elif keyword.iskeyword(name) or keyword.issoftkeyword(name):
        message = N_("%(name)s 是 Python 的关键字，不能作插件名")
        remedy = N_("换一个名字，例如 %(name)s_plugin")
    elif name in sys.stdlib_module_names:
        message = N_("%(name)s 是 Python 自带的模块，同名的插件会把它遮住")
        remedy = N_("换一个名字，例如 %(name)s_plugin")
    elif name in {dotted.split(".")[1] for dotted in BUNDLED}:
        message = N_("%(name)s 是随门户提供的插件")
        remedy = N_("换一个名字，例如 my_%(name)s")
    elif name in TAKEN or importlib.util.find_spec(name) is not None:
        message = N_("已经有名为 %(name)s 的 Python 包")
        remedy = N_("换一个名字，例如 %(name)s_plugin")
    else:
        return None
    return Problem("JS-4001", message, remedy, params={"name": name})
