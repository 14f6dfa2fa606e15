"""What is generated is fresh, complete, and can be followed."""

from __future__ import annotations

import re
from pathlib import Path

from docs import reference, sections
from docs.contract import contract
from kb.lint import lint_tree
from portal import api
from portal.plugin_host.registering import hook_names

ROOT = reference.ROOT
PAGES = {path.name: path.read_text(encoding="utf-8") for path in reference.PAGES.glob("*.md")}


def test_generated_files_are_fresh() -> None:
    stale = [str(path.relative_to(ROOT)) for path in reference.stale()]
    assert stale == [], "→ make docs"


def test_every_hook_and_slot_is_in_the_reference_in_a_group() -> None:
    text = sections.hooks()
    assert re.findall(r"^### (\w+)", text, re.M) == list(hook_names())
    assert re.findall(r"^## (.*)", text, re.M) == list(sections.GROUPS.values())
    assert set(sections.SINCE) <= set(hook_names())
    assert all(f"| `{slot}` |" in sections.slots() for slot in api.SLOTS)
    assert "no bundled plugin" not in text


def test_the_contract_tells_of_every_name_and_hook() -> None:
    lines = contract().splitlines()
    told = {re.split(r"[.(: ]", re.sub(r"^(class|def|hook) ", "", line))[0] for line in lines}
    told |= {line.partition("[")[0] for line in lines}
    assert {*api.__all__, *hook_names()} <= told


def test_a_changed_field_changes_the_contract() -> None:
    lines = contract().splitlines()
    assert "ContentKind.order: int = 100" in lines
    assert "hook portal_on_login(ctx: PluginContext, login: LoginView) -> None" in lines
    assert all("/" not in line or line.startswith(("#", "def", "hook")) for line in lines)


def test_the_pages_can_be_published_as_they_are() -> None:
    assert [str(problem) for problem in lint_tree(reference.PAGES)] == []


def test_links_to_bundled_articles_lead_to_files() -> None:
    links = {link for text in PAGES.values() for link in re.findall(r"\]\((/[^)#]*)", text)}
    assert links
    assert [link for link in links if not (ROOT / link.lstrip("/")).is_file()] == []


def test_every_page_is_on_the_map() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)", PAGES["index.md"]))
    assert linked == set(PAGES) - {"index.md"}


def test_the_old_page_is_linked_nowhere() -> None:
    for path in (ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md"):
        text = path.read_text(encoding="utf-8")
        assert "plugins.md" not in text
        for link in re.findall(r"\]\((docs/[^)#]*)", text):
            assert Path(ROOT, link).exists(), link
