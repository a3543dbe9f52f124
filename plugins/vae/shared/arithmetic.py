"""Sums of places: a start, plus and minus ways, each a named direction or what leads from one picture to another.

Arithmetic with places: Mikolov et al. 2013 for words, Radford et al. 2016 (arXiv 1511.06434) and Larsen et al. 2016
(arXiv 1512.09300) for faces. Shapes: D latent numbers.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.picture import read_picture
from studio.core.scene_codec import array, flag, number, stored, whole

Array: TypeAlias = npt.NDArray[np.float32]
MAX_TERMS: Final = 8
MAX_AMOUNT: Final = 4.0
MAX_ABS_END: Final = 100.0
PAIR: Final = -1
FIRST_AMOUNT: Final = 1.5  # of a direction; a pair of pictures begins with its whole way
_MAX_DIRECTION: Final = 10_000


@dataclass(frozen=True, eq=False)
class Term:
    """One way of a sum.

    Attributes:
        ends: (2, D) float32, where the way begins and ends; the way of a direction begins at zero.
        direction: its index, PAIR for two pictures.
        amount: how many times the way is gone, 0 to 4.
        is_minus: whether it is gone backwards.
    """

    ends: Array = stored(array(np.float32, -MAX_ABS_END, MAX_ABS_END, 2))
    direction: int = stored(whole(PAIR, _MAX_DIRECTION), default=PAIR)
    amount: float = stored(number(0.0, MAX_AMOUNT), default=1.0)
    is_minus: bool = stored(flag(), default=False)

    @property
    def shift(self) -> Array:
        """By how much it moves a place, (D,)."""
        way = self.ends[1] - self.ends[0]
        return np.asarray((-self.amount if self.is_minus else self.amount) * way, np.float32)

    @property
    def is_pair(self) -> bool:
        """Whether it leads from one picture to another."""
        return self.direction == PAIR


def is_term(term: Term) -> bool:
    """Whether the way of a saved term has two ends."""
    return len(term.ends) == 2


def total(terms: Sequence[Term], n_latent: int) -> Array:
    """By how much terms move a place together, (D,)."""
    return np.sum([np.zeros(n_latent, np.float32), *(term.shift for term in terms)], axis=0, dtype=np.float32)


def direction_term(vector: Array, index: int, is_minus: bool) -> Term:
    """The way along a direction (D,)."""
    return Term(np.stack([np.zeros_like(vector), vector]), index, FIRST_AMOUNT, is_minus)


def pair_term(place: Array, is_minus: bool) -> Term:
    """The way between two pictures that are both at a place (D,) until others are chosen."""
    return Term(np.stack([place, place]), PAIR, 1.0, is_minus)


def picture_place(engine: Any, path: Path) -> Generator[Frame | None, None, Array]:
    """The place (D,) from which a model redraws the picture in a file best; yields what it draws meanwhile."""
    reading = yield from engine.read(read_picture(path).rgb)
    return np.asarray(reading.z, np.float32)


def drawn_at(engine: Any, places: Sequence[Array]) -> Iterator[Frame]:
    """What a model draws at places (D,), a frame each; the state of a frame says which."""
    for place in places:
        yield engine.frame(place, "")
