"""What a hit must or must not be: filters, phrases, exclusions, error codes."""

from __future__ import annotations

from kb.search.model import Query
from kb.search.ranking import Scored
from kb.search.segment import Entry, squeeze
from kb.search.snapshot import Place, Snapshot
from kb.text import analyse, compose, fold
from kb.text.analyse import TOKEN

_READ_FOR_PHRASE = 400
"""Articles that are read for an exact phrase; the best ones come first."""
_READ_FOR_CODE = 2_000
"""Characters of a pasted message in which an error code is looked for."""


class Conditions:
    """The filters of a query."""

    def __init__(self, query: Query) -> None:
        self._spaces = query.spaces
        self._kinds = frozenset(query.kinds)
        self._tags = [fold(compose(tag)) for tag in query.tags]
        self._authors = [fold(compose(author)) for author in query.authors]
        self._after = query.after.timestamp() if query.after else None
        self._before = query.before.timestamp() if query.before else None

    def allow(self, entry: Entry) -> bool:
        """Whether the article may be shown and was asked for."""
        if self._spaces is not None and entry.space not in self._spaces:
            return False
        if self._kinds and entry.kind not in self._kinds:
            return False
        if self._tags:
            tags = {fold(tag) for tag in entry.tags}
            if not all(tag in tags for tag in self._tags):
                return False
        if self._authors and not any(a in fold(entry.author) for a in self._authors):
            return False
        if self._after is not None and (entry.updated is None or entry.updated < self._after):
            return False
        return self._before is None or (entry.updated is not None and entry.updated < self._before)


def code_matches(snapshot: Snapshot, raw: str) -> list[Place]:
    """Articles whose error code stands in `raw`: as a word, or a longer code as it is."""
    folded = fold(compose(raw[:_READ_FOR_CODE]))
    words = {squeeze(match.group()) for match in TOKEN.finditer(folded)}
    squeezed = squeeze(folded)
    return [
        Place(i, number)
        for i, part in enumerate(snapshot.parts)
        for number, code, single in part.view.codes
        if code and number not in part.deleted and (code in words if single else code in squeezed)
    ]


def phrase_filter(snapshot: Snapshot, found: list[Scored], query: Query) -> list[Scored]:
    """`found` with every phrase of the query and without anything it excludes.

    A phrase that stands nowhere counts as words when the query has other words: people quote
    what they only half remember.
    """
    for phrase in query.phrases:
        before = found
        having = _having(snapshot, phrase)
        found = [hit for hit in found if hit.place in having]
        wanted = one_spaced(phrase)
        best = sorted(found, key=lambda hit: -hit.score)[:_READ_FOR_PHRASE]
        found = [hit for hit in best if _says(snapshot, hit.place, wanted)]
        if not found and query.text:
            found = before
    for word in query.excluded:
        having = _having(snapshot, word)
        found = [hit for hit in found if hit.place not in having]
    return found


def _having(snapshot: Snapshot, text: str) -> set[Place]:
    terms = dict.fromkeys(analyse(text))
    having: set[Place] = set()
    for i, part in enumerate(snapshot.parts):
        sets = [set(part.view.postings(term)[0]) for term in terms] or [set()]
        having.update(Place(i, number) for number in set.intersection(*sets))
    return having


def one_spaced(text: str) -> str:
    """`text` folded, with single spaces."""
    return " ".join(fold(compose(text)).split())


def _says(snapshot: Snapshot, place: Place, wanted: str) -> bool:
    view = snapshot.parts[place.part].view
    entry, article = view.entries[place.number], view.article(place.number)
    texts = [entry.title, entry.code, article.summary, *entry.tags]
    texts += [section.heading for section in article.sections]
    return any(wanted in one_spaced(t) for t in texts) or any(
        wanted in " ".join(folded.split()) for folded in article.folded
    )
