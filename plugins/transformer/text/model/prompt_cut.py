"""Cuts a prompt that is longer than the model can look back, so that what is kept begins with a word."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from studio.core.text.token import goes_on
from studio.core.text.vocabulary import TextVocabulary

_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_MOST_PARTS: Final = 4
"""Of a character in UTF-8."""
_MOST_HEADING: Final = 8
"""Tokens of the line that says who speaks."""
MOST_SKIPPED: Final = 64
"""Where no word begins within so many tokens, a text is cut between any two."""


def kept_from(ids: Sequence[int], most: int, vocabulary: TextVocabulary) -> int:
    """The first token of the end of a text, `most` tokens at most, that begins with a word; 0 where all of it fits."""
    first = max(0, len(ids) - most)
    if not first:
        return 0
    ends = min(first + MOST_SKIPPED, len(ids))
    return next((at for at in range(first, ends) if _begins_word(ids, at, vocabulary)), first)


def end_of_heading(ids: Sequence[int], marks: Sequence[int], vocabulary: TextVocabulary) -> int:
    """Where the longest words between special tokens begin, behind the line that says whose they are; 0 for no marks.

    Args:
        marks: the places of the special tokens, in order.
    """
    if not marks:
        return 0
    ends = [*marks[1:], len(ids)]
    first, end = max(zip(marks, ends, strict=True), key=lambda one: one[1] - one[0])
    for at in range(first + 1, min(first + 1 + _MOST_HEADING, end)):
        if vocabulary.piece(ids[at]).endswith(b"\n"):
            return at + 1
    return first + 1


def _begins_word(ids: Sequence[int], at: int, vocabulary: TextVocabulary) -> bool:
    """Whether a word, the space before one, or a sign begins with a token."""
    after = b"".join(map(vocabulary.piece, ids[at : at + _MOST_PARTS]))
    if after[:1] and after[0] & 0xC0 == 0x80:
        return False  # within a character
    before = b"".join(map(vocabulary.piece, ids[max(0, at - _MOST_PARTS) : at]))
    last, first = before.decode("utf-8", "ignore")[-1:], after.decode("utf-8", "ignore")[:1]
    return not goes_on(last, first) and not any(map(_joins, last + first))


def _joins(char: str) -> bool:
    return char == _JOINER or unicodedata.category(char).startswith("M")
