"""What each layer would say: the residual stream after it, read as the last layer's is (logit lens).

Shape letters: L layers, T tokens.
"""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

Floats = npt.NDArray[Any]
Ints = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class LayersGuess:
    """The guesses for what comes after each token.

    Attributes:
        tokens: the likeliest token by each layer, before the first one and after each, (L + 1, T).
        probabilities: theirs, (L + 1, T).
        pinned: a word to follow, None for no word.
        pinned_probabilities, pinned_ranks: of that word, (L + 1, T); ranks from 0. Empty for no word.
    """

    tokens: Ints
    probabilities: Floats
    pinned: int | None
    pinned_probabilities: Floats
    pinned_ranks: Ints
