"""A text with gaps, what a person put there, and what is known of the model that fills them. No torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from studio.core.text.gaps import UNKNOWN_ID, words_of
from studio.core.text.vocabulary import TextVocabulary

N_LEFT_OUT: Final = 5
N_APART: Final = 4
"""Words left out of a text without gaps, and how many words there are for each of them."""
MAX_TOKENS: Final = 256
"""Of a text, whatever the model could read."""


@dataclass(frozen=True)
class GappedText:
    """Attributes:
    ids: the tokens as they were written, `UNKNOWN_ID` in a gap that was written as one.
    gaps: the places of the gaps, in rising order.
    put: what a person chose for some of them, token by place.
    """

    ids: tuple[int, ...]
    gaps: tuple[int, ...] = ()
    put: Mapping[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def toggled(self, places: Sequence[int]) -> "GappedText":
        """Make gaps of some places; where all are gaps, give their words back, as far as they are known."""
        put = {place: token for place, token in self.put.items() if place not in places}
        if all(place in self.gaps for place in places):
            back = {place for place in places if self.ids[place] != UNKNOWN_ID}
            return replace(self, gaps=tuple(place for place in self.gaps if place not in back), put=put)
        return replace(self, gaps=tuple(sorted({*self.gaps, *places})), put=put)

    def emptied(self) -> "GappedText":
        """All of it is one gap."""
        return replace(self, gaps=tuple(range(len(self.ids))), put={})

    def restored(self) -> "GappedText":
        """The text as it was written, with the gaps that were written."""
        return replace(self, gaps=tuple(at for at, token in enumerate(self.ids) if token == UNKNOWN_ID), put={})

    def filled_with(self, tokens: Mapping[int, int]) -> "GappedText":
        """The same with tokens that a person chose for some gaps."""
        return replace(self, put={**self.put, **tokens})


def is_sound(text: GappedText, n_vocab: int) -> bool:
    """Whether all tokens and places are there; a place of unknown content must be a gap."""
    gaps = set(text.gaps)
    is_places = len(gaps) == len(text.gaps) and all(0 <= place < len(text.ids) for place in gaps)
    is_put = all(place in gaps and 0 <= token < n_vocab for place, token in text.put.items())
    known = all(0 <= token < n_vocab or (token == UNKNOWN_ID and at in gaps) for at, token in enumerate(text.ids))
    return is_places and is_put and known and list(text.gaps) == sorted(text.gaps)


def longer_words(pieces: Sequence[str]) -> tuple[int, ...]:
    """The places of the longest words within a text, one in four and no more than five, none beside another."""
    words = [word for word in words_of(pieces) if "".join(pieces[place] for place in word).strip().isalpha()]
    lengths = [len("".join(pieces[place] for place in word)) for word in words]
    chosen: list[int] = []
    for number in sorted(range(1, len(words) - 1), key=lambda number: -lengths[number]):
        is_apart = all(abs(number - other) > 1 for other in chosen)
        if is_apart and len(chosen) < min(N_LEFT_OUT, -(-len(words) // N_APART)):
            chosen.append(number)
    return tuple(place for number in sorted(chosen) for place in words[number])


@dataclass(frozen=True)
class FillModelInfo:
    """Attributes: vocabulary: its tokens. n_context: how many of them it reads at once. n_layers: how deep it is."""

    vocabulary: TextVocabulary
    n_context: int
    n_layers: int
