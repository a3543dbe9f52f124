"""From what a network says to the next token: temperature, the likeliest part of it, and a die. No torch.

Shape letter: V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.seed import generator

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Choosing:
    """How the next token is chosen.

    Attributes:
        temperature: logits are divided by it; above 0.
        top_p: only the fewest likeliest tokens that have this much together may come (nucleus, arXiv 1904.09751).
    """

    temperature: float = 1.0
    top_p: float = 1.0

    def shares(self, log_probabilities: npt.NDArray[Any]) -> Shares:
        """Probabilities (V,) with these settings; 0 for what is ruled out."""
        logits = log_probabilities.astype(np.float64) / self.temperature
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        if self.top_p >= 1:
            return shares
        order = likeliest(shares)
        n_kept = int(np.searchsorted(np.cumsum(shares[order]), self.top_p)) + 1
        shares[order[n_kept:]] = 0
        return shares / shares.sum()


def likeliest(shares: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """All tokens, likeliest first, equally likely ones by number."""
    return np.argsort(-shares, kind="stable")


def die_roll(seed: int, place: int) -> float:
    """The die for the token at a place of the text, in [0, 1): hash(seed, place), whatever was drawn before."""
    return float(generator(seed, "token", place).random())


def drawn(shares: Shares, roll: float) -> int:
    """The token on which the die falls: the tokens lie side by side, likeliest first, each as wide as it is likely."""
    order = likeliest(shares)
    ends = np.cumsum(shares[order])
    n_left = int(np.count_nonzero(shares))
    return int(order[min(int(np.searchsorted(ends, roll, side="right")), n_left - 1)])
