"""Every text a person sees has its English."""

from __future__ import annotations

from babel.messages.catalog import Catalog

from tests.arch.translations import check, faults


def catalog(**entries: str) -> Catalog:
    made = Catalog(locale="en")
    for source, target in entries.items():
        made.add(source, target)
    return made


def test_nothing_is_missing() -> None:
    found = check()
    assert not found, "\n" + "\n".join(found)


def test_each_fault_is_seen() -> None:
    whole = catalog(甲="A")
    assert list(faults({"甲"}, whole, whole)) == []
    assert "not translated" in next(faults({"甲", "乙"}, whole, whole))
    assert "not translated" in next(faults({"甲"}, catalog(甲=""), catalog()))
    assert "no longer used" in next(faults(set(), whole, whole))
    assert "older" in next(faults({"甲"}, whole, catalog(甲="B")))
    guessed = catalog()
    guessed.add("甲", "A", flags={"fuzzy"})
    assert "fuzzy" in next(faults({"甲"}, guessed, whole))
    named = Catalog(locale="en")
    named.add("缺 %(name)s", "missing %(what)s")
    assert "placeholders" in next(faults({"缺 %(name)s"}, named, named))
