"""Finds how the letters of a table are written where they are neither UTF-8 nor those of Western Windows."""

import re
from typing import Final

from studio.core.container.encoding import WINDOWS, encoding_of

_OTHERS: Final = ("cp1251", "koi8_r", "cp1253", "shift_jis", "gb18030", "big5", "euc_kr")
_KINDRED: Final = ("cp1252", "cp1250", "cp1254")
"""Letters of Europe, which short words do not tell apart: they are read as those of Western Windows."""
_WORDS: Final = re.compile(rb"[^\s;,|\"]*[\x80-\xff][^\s;,|\"]*")
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_LOOKED_AT: Final = 20_000
_CHAOS: Final = 0.5
"""How strange words may look at most (`charset_normalizer`): there are few of them in a table of numbers."""


def table_encoding(start: bytes) -> str | None:
    """The encoding of a table that begins with these bytes, by its name in Python; None where it is no text."""
    plain = encoding_of(start)
    if plain not in (None, WINDOWS):
        return plain
    if plain is None and start[1::2].count(0) > len(start) // 4 and not _NO_TEXT.search(start[::2]):
        return "utf_16_le"  # as some programs write it, without a mark
    if _NO_TEXT.search(start):
        return plain
    return _guessed(b"\n".join(_WORDS.findall(start))[:_LOOKED_AT]) or plain


def _guessed(words: bytes) -> str | None:
    """The encoding of words of a table, none of which is plain ASCII; None where they may be those of Windows."""
    from charset_normalizer import from_bytes

    best = from_bytes(words, cp_isolation=[*_KINDRED, *_OTHERS], threshold=_CHAOS).best()
    return best.encoding if best is not None and best.encoding in _OTHERS else None
