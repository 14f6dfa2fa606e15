"""A new plugin's files, rendered from the templates beside this module.

``common/`` is in every plugin, ``<kind>/`` holds the example, ``model/`` comes with
``--with-model`` (``.inc``: a piece of another file). Hidden files have plain names here, because
build tools leave those out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kb.problems import N_, Problem, ProblemError
from portal.plugin_host.manifest import API_VERSION
from portal.scaffold.naming import refusal

FOLDER = Path(__file__).parent
ENDING = ".jinja"

KINDS = {
    # Kind → what its example is, in the title of a plugin that is given none.
    "template": N_("项目模板"),
    "step": N_("流程步骤"),
    "connector": N_("连接器"),
    "content": N_("文章类型"),
    "widget": N_("首页卡片"),
    "blank": N_("插件"),
}

PLACES = {
    # Template → where it goes; {name} is the plugin's. Others go into the package by their name.
    "gitignore": ".gitignore",
    "github_test.yml": ".github/workflows/test.yml",
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "conftest.py": "tests/conftest.py",
    "test_plugin.py": "tests/test_{name}.py",
    "test_model.py": "tests/test_{name}_model.py",
    "card.html": "{name}/templates/card.html",
    "index.html": "{name}/templates/index.html",
    "card.css": "{name}/static/card.css",
    "0001.py": "{name}/migrations/0001_first.py",
}

MAX_TITLE = 24
_AWKWARD = frozenset('"\\%')


@dataclass(frozen=True)
class Wanted:
    """What the author asked for."""

    name: str
    kind: str
    title: str = ""
    with_model: bool = False


def make(wanted: Wanted, parent: Path) -> Path:
    """Write the plugin into the new folder ``parent/NAME`` and give that folder.

    Raises ProblemError JS-4001 when the name or title cannot be used, or the folder is there or
    cannot be written.
    """
    wrong = refusal(wanted.name) or _bad_title(wanted.title)
    if wrong is not None:
        raise ProblemError(wrong)
    folder = parent / wanted.name
    texts = dict(_rendered(wanted))
    try:
        folder.mkdir()
        for place, text in texts.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except FileExistsError:
        message, remedy = N_("%(folder)s 已经存在"), N_("换一个名字，或先移走它")
        raise ProblemError(
            Problem("JS-4001", message, remedy, params={"folder": folder.name})
        ) from None
    except OSError as error:
        message, remedy = N_("写不进 %(folder)s：%(error)s"), N_("到能写的文件夹里再试")
        params = {"folder": folder, "error": error.strerror or error}
        raise ProblemError(Problem("JS-4001", message, remedy, params=params)) from error
    return folder


def _bad_title(title: str) -> Problem | None:
    if len(title) <= MAX_TITLE and title.isprintable() and not _AWKWARD.intersection(title):
        return None
    return Problem(
        "JS-4001",
        N_("标题不能用：%(title)r"),
        N_("写一行，最多 %(limit)s 个字，不用英文引号、反斜杠和百分号"),
        params={"title": title, "limit": MAX_TITLE},
    )


def _rendered(wanted: Wanted) -> Iterator[tuple[str, str]]:
    folders = ["common", wanted.kind, *(["model"] if wanted.with_model else [])]
    # Other brackets than usual, so that templates of pages can be written as they will be.
    environment = Environment(  # noqa: S701 - what is made is source code, not a page
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        variable_start_string="«",
        variable_end_string="»",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    title = wanted.title.strip() or f"{KINDS[wanted.kind]} {wanted.name}"[:MAX_TITLE]
    values = {
        "name": wanted.name,
        "slug": wanted.name.replace("_", "-"),
        "title": title,
        "kind": wanted.kind,
        "with_model": wanted.with_model,
        "requires_api": f">={API_VERSION},<{int(API_VERSION.split('.')[0]) + 1}",
    }
    for folder in folders:
        for path in sorted((FOLDER / folder).glob(f"*{ENDING}")):
            template = environment.get_template(f"{folder}/{path.name}")
            name = path.name.removesuffix(ENDING)
            if name.endswith(".inc"):
                continue
            place = PLACES.get(name, f"{{name}}/{name}").format(name=wanted.name)
            yield place, template.render(values)
