"""What changes when a part of the network or a word is off; letters: T tokens, V vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .muting import Muting

N_ROWS: Final = 8


@dataclass(frozen=True, eq=False)
class Effect:
    """Probabilities (V,) of what comes next: of the whole network, and of what is left of it."""

    whole: npt.NDArray[Any]
    muted: npt.NDArray[Any]

    @property
    def distance(self) -> float:
        """How much of the probability has moved elsewhere, 0 to 1 (total variation)."""
        return float(np.abs(self.whole.astype(np.float64) - self.muted.astype(np.float64)).sum() / 2)

    def rows(self) -> Iterator[tuple[int, float, float]]:
        """Token, probability before and after: the likeliest of both, the likeliest before first."""
        either = np.maximum(self.whole, self.muted)
        chosen = np.argsort(-either, kind="stable")[:N_ROWS]
        for token in chosen[np.argsort(-self.whole[chosen], kind="stable")]:
            yield int(token), float(self.whole[token]), float(self.muted[token])


@dataclass(frozen=True, eq=False)
class Mattered:
    """How much each token mattered for the one that came.

    Attributes:
        left_out: by how many bits the one that came is less likely where nothing may look at the token, (T,).
        gradient: gradient times input, as a share of the sum of all magnitudes, (T,).
    """

    left_out: npt.NDArray[Any]
    gradient: npt.NDArray[Any]


def switched_head(muting: Muting, layer: int, head: int) -> Muting:
    """The same with a head off, or on again where it was."""
    return Muting(muting.heads ^ {(layer, head)}, muting.layers, muting.words)


def switched_layer(muting: Muting, layer: int) -> Muting:
    """The same with a layer off, or on again where it was."""
    return Muting(muting.heads, muting.layers ^ {layer}, muting.words)


def switched_word(muting: Muting, word: int) -> Muting:
    """The same with a token off, or on again where it was."""
    return Muting(muting.heads, muting.layers, muting.words ^ {word})
