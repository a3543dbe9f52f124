"""Which steps of a long training are shown: learning is fast at first and slow later."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class LogThinning:
    """Keeps the first `dense` steps, then one each time that the number of steps has grown by `growth`.

    Of N steps about dense + ln(N / dense) / ln(growth) are kept, less those before step `first`, where there is nothing
    to see yet. A recipe asks the same object when to draw its sample pictures.
    """

    dense: int = 32
    growth: float = 1.02
    first: int = 0

    def __post_init__(self) -> None:
        if self.dense < 1 or self.growth <= 1:
            raise ValueError("thinning needs at least one dense step and growth beyond 1")

    def keeps(self, step: int) -> bool:
        """Whether step 0, 1, 2 … is kept; the answer depends on nothing else."""
        return step >= self.first and (step < self.dense or self._n_grown(step) > self._n_grown(step - 1))

    def _n_grown(self, step: int) -> int:
        """How often the number of steps has grown by now, since the dense ones; -1 at the last of them."""
        return math.floor(math.log(step / self.dense) / math.log(self.growth)) if step >= self.dense else -1
