"""From what a network says to the next token: temperature, the likeliest part of it, and a die. No torch.

Shape letter: V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.seed import generator


@dataclass(frozen=True, eq=False)
class Chances:
    """How likely each token is to be drawn.

    Attributes:
        order: (V,) all tokens, likeliest first. shares: (V,) float64, of the tokens in this order; 0 if ruled out.
    """

    order: npt.NDArray[np.intp]
    shares: npt.NDArray[np.float64]

    def drawn(self, roll: float) -> int:
        """On which the die falls: they lie side by side in their order, each as wide as it is likely."""
        place = int(np.searchsorted(np.cumsum(self.shares), roll, side="right"))
        return int(self.order[min(place, int(np.count_nonzero(self.shares)) - 1)])


@dataclass(frozen=True)
class Choosing:
    """How the next token is chosen.

    Attributes:
        temperature: logits are divided by it; above 0.
        top_p: only the fewest likeliest tokens that have this much together may come (nucleus, arXiv 1904.09751).
    """

    temperature: float = 1.0
    top_p: float = 1.0

    def chances(self, log_probabilities: npt.NDArray[Any]) -> Chances:
        """What the network says (V,), with these settings."""
        order = likeliest(log_probabilities)
        logits = log_probabilities[order].astype(np.float64) / self.temperature
        shares = np.exp(logits - logits[0])
        shares /= shares.sum()
        if self.top_p < 1:
            shares[int(np.searchsorted(np.cumsum(shares), self.top_p)) + 1 :] = 0
            shares /= shares.sum()
        return Chances(order, shares)


def likeliest(values: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """All tokens, likeliest first, equally likely ones by number."""
    return np.argsort(-values, kind="stable")


def die_roll(seed: int, place: int) -> float:
    """The die for the token at a place of the text, in [0, 1): hash(seed, place), whatever was drawn before."""
    return float(generator(seed, "token", place).random())
