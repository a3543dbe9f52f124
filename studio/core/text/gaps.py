"""Texts in which words are left out: as they are typed, as a model reads them, as they are spelled out. No torch."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from studio.core.text.token import TextToken, joined
from studio.core.text.vocabulary import TextVocabulary

GappedT_co = TypeVar("GappedT_co", covariant=True)
UNKNOWN_ID: Final = -1
"""Stands where a person left a gap of which nobody knows what belongs there."""
MAX_CHARS: Final = 20_000
"""Of a text, as it is typed, pasted or dropped."""
_WRITTEN_GAP: Final = re.compile(r" ?_{2,}")


@dataclass(frozen=True)
class CutText(Generic[GappedT_co]):
    """A text as a model reads it.

    Attributes:
        text: what was written. gapped: as much of it as the model can read, with its gaps.
        n_tokens: how many the whole text has.
    """

    text: str
    gapped: GappedT_co
    n_tokens: int


def split_gaps(text: str) -> Iterator[str | None]:
    """The parts of a text between gaps that were written as two or more underlines; None for each of these."""
    end = 0
    for gap in _WRITTEN_GAP.finditer(text):
        if gap.start() > end:
            yield text[end : gap.start()]
        yield None
        end = gap.end()
    if end < len(text):
        yield text[end:]


def words_of(pieces: Sequence[str]) -> list[tuple[int, ...]]:
    """The places of the tokens of each word."""
    return joined([TextToken(piece) for piece in pieces])


def spelled(ids: Sequence[int], vocabulary: TextVocabulary, gap: Callable[[int], str]) -> tuple[str, ...]:
    """What each token adds to the text, `gap(place)` for each -1; characters do not go on across gaps."""
    pieces, begun = list[str](), list[int]()
    for place, token in enumerate([*ids, UNKNOWN_ID]):
        if token != UNKNOWN_ID:
            begun.append(token)
            continue
        pieces += vocabulary.texts(begun, begins=not pieces)
        begun = []
        if place < len(ids):
            pieces.append(gap(place))
    return tuple(pieces)
