"""What a search has to keep to, as `transformers` writes it into generation_config.json: forced, forbidden, repeated.

Shape letters: V vocabulary. No torch.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Rules:
    """The rules of a model.

    Attributes:
        start: the token that a target begins with, which is not written. ends: those that end it.
        first: the token that must be written first (forced_bos), None for any. last: those of which the last one must
            be where a text grows to its full length (forced_eos); none for any.
        banned: tokens, or runs of them, that may not come. n_gram: runs of so many may not come twice; 0 for any.
        least, most: tokens of a target, its start included; it does not end before. None where nothing is said.
        repetition: what came already is this much less likely; 1 for not.
        stops_early: whether the search ends once it has as many texts as lanes, or None for "never" before
            no text could become better.
    """

    start: int
    ends: frozenset[int]
    first: int | None = None
    last: tuple[int, ...] = ()
    banned: tuple[tuple[int, ...], ...] = ()
    n_gram: int = 0
    least: int = 0
    most: int | None = None
    repetition: float = 1.0
    stops_early: bool | None = False

    def applied(self, ids: Sequence[int], logs: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.float64]:
        """Log-probabilities (V,) of what follows tokens, without those that may not; `most` as above."""
        said, whole = logs.copy(), (self.start, *ids)
        if self.repetition != 1.0:
            seen = sorted(set(whole))
            said[seen] = np.where(said[seen] < 0, said[seen] * self.repetition, said[seen] / self.repetition)
        said[[one for one in self._barred(whole) if one < len(said)]] = -math.inf
        if not ids and self.first is not None:
            return _only((self.first,), said)
        return _only(self.last, said) if self.last and len(whole) == most - 1 else said

    def _barred(self, whole: tuple[int, ...]) -> set[int]:
        found = {run[-1] for run in self.banned if whole[len(whole) - len(run) + 1 :] == run[:-1]}
        if self.n_gram and len(whole) + 1 >= self.n_gram:
            n = self.n_gram - 1
            ending = whole[len(whole) - n :]
            found |= {whole[at + n] for at in range(len(whole) - n) if whole[at : at + n] == ending}
        return found | self.ends if len(whole) < self.least else found


def _only(tokens: Sequence[int], said: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    forced = np.full_like(said, -math.inf)
    forced[list(tokens)] = 0.0
    return forced
