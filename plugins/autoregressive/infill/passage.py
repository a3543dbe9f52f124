"""A text with blanks, the order in which these are filled, and what is known of the model that fills them. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from studio.core.seed import generator
from studio.core.text.gaps import UNKNOWN_ID, words_of
from studio.core.text.vocabulary import TextVocabulary

MAX_BLANKS: Final = 48
N_WORDS: Final = 5


@dataclass(frozen=True)
class Passage:
    """Attributes:
    ids: the tokens as they were written, `UNKNOWN_ID` in a blank that was written as one.
    order: the places of the blanks, in the order in which they are filled (factorisation order).
    """

    ids: tuple[int, ...]
    order: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def is_known(self) -> bool:
        """Whether it is known what stood in every blank."""
        return all(self.ids[place] != UNKNOWN_ID for place in self.order)

    def turn_of(self, place: int) -> int | None:
        """When the blank at a place is filled, 0 first; None where there is none."""
        return self.order.index(place) if place in self.order else None

    def toggled(self, places: Sequence[int]) -> "Passage":
        """Make blanks of some places, the last ones of the order; where all are blanks, give their words back."""
        new = [place for place in sorted(places) if place not in self.order]
        if new:
            return replace(self, order=(*self.order, *new))
        kept = {place for place in places if self.ids[place] == UNKNOWN_ID}
        return replace(self, order=tuple(place for place in self.order if place in kept or place not in places))

    def moved(self, turn: int, to: int) -> "Passage":
        """Fill the blank of one turn at another."""
        order = list(self.order)
        order.insert(to, order.pop(turn))
        return replace(self, order=tuple(order))

    def in_order(self, order: Sequence[int]) -> "Passage":
        """The same blanks in another order."""
        return replace(self, order=tuple(order))

    def leftwards(self) -> "Passage":
        """From right to left."""
        return self.in_order(sorted(self.order, reverse=True))

    def rightwards(self) -> "Passage":
        """From left to right."""
        return self.in_order(sorted(self.order))

    def shuffled(self, seed: int) -> "Passage":
        """In an order of chance, another one where there is one."""
        places = sorted(self.order)
        for attempt in range(16):
            order = tuple(places[at] for at in generator(seed, "order", attempt).permutation(len(places)))
            if order != self.order:
                return self.in_order(order)
        return self


def middle_words(pieces: Sequence[str]) -> tuple[int, ...]:
    """The places of five words in the middle of a text, fewer where it is short; one word stays at either end."""
    words = [word for word in words_of(pieces) if any(pieces[place].strip().isalnum() for place in word)]
    n_words = min(N_WORDS, len(words) - 2)
    if n_words < 1:
        return ()
    first = (len(words) - n_words) // 2
    return tuple(range(words[first][0], words[first + n_words - 1][-1] + 1))


def carried(before: Passage, now: Passage) -> Passage:
    """A text that was changed, with the blanks before and behind the change, and those that were written as such.

    Where none is left, those of `now` are taken.
    """
    n_least = min(len(before), len(now))
    n_first = next((at for at in range(n_least) if before.ids[at] != now.ids[at]), n_least)
    behind = (at for at in range(n_least - n_first) if before.ids[-1 - at] != now.ids[-1 - at])
    n_last, shift = next(behind, n_least - n_first), len(now) - len(before)
    kept = [
        place if place < n_first else place + shift
        for place in before.order
        if place < n_first or place >= len(before) - n_last
    ]
    written = [place for place, token in enumerate(now.ids) if token == UNKNOWN_ID and place not in kept]
    order = tuple(kept + written)
    return now.in_order(order if 0 < len(order) <= MAX_BLANKS else now.order)


@dataclass(frozen=True)
class InfillModelInfo:
    """Attributes: vocabulary: its tokens. n_context: how many of them it reads at once."""

    vocabulary: TextVocabulary
    n_context: int
