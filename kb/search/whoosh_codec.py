"""Posting lists as plain arrays inside Whoosh's segments.

Whoosh keeps the segments, the term dictionary, the columns and the commits. Its own lists (pickled
and zipped blocks, read through one matcher object per posting) cost most of the time of both a
query and a commit; these are two machine arrays, read whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3TermInfo, W3TermsReader
from whoosh.matching import ListMatcher
from whoosh.reading import TermNotFound

Postings = tuple["array[int]", "array[int]"]
"""Document numbers, ascending, and the weight of the term in each of them."""


def _smallest(numbers: list[int]) -> array[int]:
    largest = max(numbers)
    return array("B" if largest < 1 << 8 else "H" if largest < 1 << 16 else "I", numbers)


def encode(documents: list[int], weights: list[int]) -> bytes:
    """Count, two type letters, then the gaps between documents and the weights."""
    gaps = _smallest([b - a for a, b in zip([0, *documents], documents, strict=False)])
    sizes = _smallest(weights)
    head = len(documents).to_bytes(4, "big") + (gaps.typecode + sizes.typecode).encode()
    return head + gaps.tobytes() + sizes.tobytes()


def decode(data: bytes) -> Postings:
    """The reverse of `encode`. Raises ValueError for anything it did not write."""
    count = int.from_bytes(data[:4], "big")
    try:
        gaps, weights = array(chr(data[4])), array(chr(data[5]))
    except IndexError as error:
        raise ValueError("truncated posting list") from error
    middle = 6 + count * gaps.itemsize
    if len(data) != middle + count * weights.itemsize:
        raise ValueError("posting list of the wrong length")
    gaps.frombytes(data[6:middle])
    weights.frombytes(data[middle:])
    return array("I", accumulate(gaps)), weights


class _FieldWriter(W3FieldWriter):  # type: ignore[misc]
    def add_postings(
        self, schema: Any, lengths: Any, items: Iterable[tuple[str, bytes, int, float, bytes]]
    ) -> None:
        for name, of_field in groupby(items, key=itemgetter(0)):
            self.start_field(name, schema[name])
            for term, postings in groupby(of_field, key=itemgetter(1)):
                self._write(term, postings)
            self.finish_field()

    def _write(self, term: bytes, postings: Iterator[tuple[str, bytes, int, float, bytes]]) -> None:
        documents: list[int] = []
        weights: list[int] = []
        for _, _, document, weight, _ in postings:
            documents.append(document)
            weights.append(int(weight))
        data = encode(documents, weights)
        info = W3TermInfo(
            float(sum(weights)), len(documents), 1, 1, float(max(weights)),
            documents[0], documents[-1],
        )  # fmt: skip
        info.set_extent(self._postfile.tell(), len(data))
        self._postfile.write(data)
        self._btext = term
        self._tindex.add(self._fieldid.to_bytes(2, "big") + term, info.to_bytes())


def _extent(info: Any) -> tuple[int, int]:
    offset, length = info.extent()
    # Whoosh 2.7 hands the length back as struct.unpack gave it.
    return offset, length[0] if isinstance(length, tuple) else length


class TermsReader(W3TermsReader):  # type: ignore[misc]
    """Looks terms up; not safe in several threads at once."""

    def postings(self, field: str, term: bytes) -> Postings | None:
        """The whole list of `term`, or None when no document has it."""
        try:
            offset, length = _extent(self.term_info(field, term))
        except TermNotFound:
            return None
        return decode(self._postfile.get(offset, length))

    def everything(self) -> Iterator[tuple[str, bytes, Postings]]:
        """Every field and term with its list, in order."""
        for (field, term), info in self.items():
            offset, length = _extent(info)
            yield field, term, decode(self._postfile.get(offset, length))

    def matcher(self, fieldname: str, tbytes: bytes, format_: Any, scorer: Any = None) -> Any:
        """The same list as Whoosh wants it, for merging segments."""
        found = self.postings(fieldname, tbytes)
        if found is None:
            raise TermNotFound(f"No term {fieldname}:{tbytes!r}")
        documents, weights = found
        return ListMatcher(
            documents, weights, [b""] * len(documents), format_,
            scorer=scorer, term=(fieldname, tbytes),
        )  # fmt: skip


class ArrayCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec with array posting lists."""

    def field_writer(self, storage: Any, segment: Any) -> _FieldWriter:
        """A writer for the term dictionary and posting lists of `segment`."""
        return _FieldWriter(self, storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> TermsReader:
        """A reader for what the writer wrote."""
        name = segment.make_filename(self.TERMS_EXT)
        return TermsReader(
            self, storage.open_file(name), storage.file_length(name),
            segment.open_file(storage, self.POSTS_EXT),
        )  # fmt: skip
