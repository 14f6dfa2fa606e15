"""Text of unknown encoding, as it comes from Chinese Windows, macOS and everything between.

Detectors that guess from statistics go wrong on the short files people write, so this is a short
list of rules instead, each of which can be checked: a byte order mark decides; strict UTF-8 decides
(other encodings hardly ever happen to be valid UTF-8); else GB18030, and else Big5, but only if
what comes out looks like Chinese. Almost any bytes are *valid* GB18030, so "looks like" matters: in
real text nearly every Han character is one of the 3,755 of GB 2312 level 1 (rows B0–D7) or, in
traditional text, one of the 5,401 of Big5 level 1 (rows A4–C6), while text read in a wrong encoding
scatters over all 21,000.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from kb.problems import N_, Problem, ProblemError

GB_PLAUSIBLE = 0.85
"""Least share of common characters among the letters to believe GB18030."""
BIG5_PLAUSIBLE = 0.95
"""The same for Big5, stricter because it is the rarer guess."""

# Characters that two bytes of UTF-8 can give but our readers do not write: rare Latin, phonetic
# signs, combining marks, late Cyrillic, and the scripts up to N'Ko. "停止" in GB18030 is four bytes
# that are also valid UTF-8 for four of them.
_FAR_FETCHED = re.compile("[\u0180-\u036f\u0460-\u07ff]")
_THREE_BYTES = re.compile("[\u0800-\U0010ffff]")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_STRAY_CONTROLS = 3
_MAX_CONTROL_SHARE = 0.01
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, *, where: str = "") -> tuple[str, str]:
    """Give the text of `data` and the name of its encoding.

    The name is one of ``utf-8``, ``utf-16-le``, ``utf-16-be``, ``gb18030``, ``big5``. Line ends
    become ``\\n`` and a byte order mark is dropped. Raises `ProblemError` JS-2002 if the bytes are
    not text or no encoding fits; `where` names the file in it.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return _checked(data[len(bom) :].decode(encoding), where), encoding
            except UnicodeDecodeError as error:
                raise _undecidable(data, error, where) from None
    if b"\0" in data:
        raise _binary(where)
    not_utf8 = None
    try:
        text = data.decode("utf-8")
        doubtful = _FAR_FETCHED.search(text) and not _THREE_BYTES.search(text)
        if not doubtful or _gb_share(data) < 1:
            return _checked(text, where), "utf-8"
    except UnicodeDecodeError as error:
        not_utf8 = error
    if _gb_share(data) >= GB_PLAUSIBLE:
        return _checked(data.decode("gb18030"), where), "gb18030"
    if _big5_share(data) >= BIG5_PLAUSIBLE:
        return _checked(data.decode("big5"), where), "big5"
    assert not_utf8 is not None  # valid UTF-8 comes here only with a share of 1
    raise _undecidable(data, not_utf8, where)


def read_text(path: Path) -> tuple[str, str]:
    """Read and `decode` the file at `path`. Raises `OSError` and `ProblemError` JS-2002."""
    return decode(path.read_bytes(), where=path.name)


def _gb_share(data: bytes) -> float:
    """Share of common characters among the letters of `data` read as GB18030; 0 if it is not."""
    return _share(data, "gb18030", lambda char: _gb_common(char) or _big5_common(char))


def _big5_share(data: bytes) -> float:
    """The same for `data` read as Big5."""
    return _share(data, "big5", _big5_common)


def _share(data: bytes, encoding: str, is_common: Callable[[str], bool]) -> float:
    try:
        counts = Counter(data.decode(encoding))
    except UnicodeDecodeError:
        return 0.0
    # Kana are letters but not common ones: Japanese text in EUC-JP decodes to right kana and wrong
    # Han characters. Without any letter (a dash, a table's frame) nothing speaks against it.
    letters = {char: count for char, count in counts.items() if char > "\x7f" and char.isalpha()}
    common = sum(count for char, count in letters.items() if is_common(char))
    return common / sum(letters.values()) if letters else 1.0


def _gb_common(char: str) -> bool:
    return _row(char, "gb2312", 0xB0, 0xD7)


def _big5_common(char: str) -> bool:
    return _row(char, "big5", 0xA4, 0xC6)


def _row(char: str, encoding: str, first: int, last: int) -> bool:
    """Whether `char` is in `encoding`, with a lead byte from `first` to `last`."""
    try:
        return first <= char.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False


def _checked(text: str, where: str) -> str:
    """`text` with plain line ends; refuses what decodes but is not text."""
    tolerated = max(_STRAY_CONTROLS, len(text) * _MAX_CONTROL_SHARE)
    if "\0" in text or len(_CONTROL.findall(text)) > tolerated:
        raise _binary(where)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _binary(where: str) -> ProblemError:
    return ProblemError(
        Problem(
            "JS-2002",
            N_("文件不是文本，里面有二进制内容。"),
            N_("确认这是 Markdown 文本；如果是 Word、PDF 等文件，请先另存为 UTF-8 文本。"),
            where,
        )
    )


def _undecidable(data: bytes, error: UnicodeDecodeError, where: str) -> ProblemError:
    line = data.count(b"\n", 0, error.start) + 1
    return ProblemError(
        Problem(
            "JS-2002",
            N_("无法识别文字编码：第 %(line)s 行起不是 UTF-8，也不像 GB18030 或 Big5。"),
            N_("用编辑器打开文件，确认文字显示正常后另存为 UTF-8，再重新导入。"),
            where,
            params={"line": line},
        )
    )
