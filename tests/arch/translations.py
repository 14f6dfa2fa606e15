"""Are the translations whole? ``python -m tests.arch.translations`` prints what is missing.

Chinese is the source language; every marked text must have an English one with the same
placeholders, and the compiled catalogue that the portal reads must be made of the written one.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.arch.sources import LEFT_OUT, ROOT

CODE = ("kb", "portal", "plugins")
LOCALES = ROOT / "portal" / "ui" / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")


def marked() -> set[str]:
    """Every text marked for translation in the code and the templates."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as lines:
        methods, options = parse_mapping_cfg(lines)  # type: ignore[no-untyped-call]
    found: set[str] = set()
    for top in CODE:
        for _file, _line, message, *_rest in extract_from_dir(
            str(ROOT / top),
            method_map=methods,
            options_map=options,
            keywords={**DEFAULT_KEYWORDS, "N_": None},
            directory_filter=lambda path: Path(path).name not in LEFT_OUT,
        ):
            found |= set(message) if isinstance(message, tuple) else {message}
    return found - {""}


def texts(catalog: Catalog) -> dict[str, str]:
    """Source text → translation, of all that is not empty."""
    found = {}
    for message in catalog:
        targets = _forms(message.string)
        for index, source in enumerate(_forms(message.id)):
            if source:
                found[source] = targets[min(index, len(targets) - 1)]
    return found


def _forms(text: object) -> list[str]:
    """Singular and plural of a message; one text when it has no plural."""
    return [str(one or "") for one in text] if isinstance(text, tuple | list) else [str(text or "")]


def faults(wanted: set[str], written: Catalog, compiled: Catalog) -> Iterator[str]:
    """What keeps this language from being whole."""
    translated = texts(written)
    for source in sorted(wanted):
        if not translated.get(source):
            yield f"not translated: {source}"
        elif sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(translated[source])):
            yield f"other placeholders: {source} → {translated[source]}"
    for source in sorted(set(translated) - wanted):
        yield f"no longer used: {source}"
    for message in written:
        if message.id and message.fuzzy:
            yield f"only guessed (fuzzy): {message.id}"
    if texts(compiled) != {source: target for source, target in translated.items() if target}:
        yield "the .mo file is older than the .po file"


def check() -> list[str]:
    """Every fault of every language, with the language before it."""
    wanted = marked()
    found = []
    languages = sorted(LOCALES.glob("*/LC_MESSAGES/messages.po"))
    if not languages:
        return ["there is no translation at all"]
    for po in languages:
        written = read_po(io.BytesIO(po.read_bytes()))
        mo = po.with_suffix(".mo")
        compiled = read_mo(io.BytesIO(mo.read_bytes())) if mo.is_file() else Catalog()
        found += [f"{po.parts[-3]}: {fault}" for fault in faults(wanted, written, compiled)]
    return found


def main() -> None:
    """Print the faults; exit with 1 when there are any."""
    found = check()
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print("→ make translations, fill in messages.po, make translations again", file=sys.stderr)
        sys.exit(1)
    print("translations: whole")


if __name__ == "__main__":
    main()
