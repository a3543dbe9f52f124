"""Keeps fewer and fewer frames of a long training: learning is fast at first and slow later."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from studio.core.frame import Frame, whole_frames


@dataclass(frozen=True)
class LogThinning:
    """Keeps the first `dense` steps, then one each time that the number of steps has grown by `growth`.

    Of N steps about dense + ln(N / dense) / ln(growth) are kept. A recipe asks the same object when to draw its
    sample pictures.
    """

    dense: int = 32
    growth: float = 1.02

    def __post_init__(self) -> None:
        if self.dense < 1 or self.growth <= 1:
            raise ValueError("thinning needs at least one dense step and growth beyond 1")

    def keeps(self, step: int) -> bool:
        """Whether step 0, 1, 2 … is kept; the answer depends on nothing else."""
        return step < self.dense or self._n_grown(step) > self._n_grown(step - 1)

    def _n_grown(self, step: int) -> int:
        """How often the number of steps has grown by now, since the dense ones; -1 at the last of them."""
        return math.floor(math.log(step / self.dense) / math.log(self.growth)) if step >= self.dense else -1


def thinned(frames: Iterable[Frame], thinning: LogThinning) -> Iterator[Frame]:
    """Yield the frames that are kept, and the last one.

    The figures of a kept frame are means over the frames since the one before it.
    """
    means = _Means()
    last: Frame | None = None
    for frame in whole_frames(frames):
        means.add(frame)
        last = frame
        if thinning.keeps(frame.step):
            yield means.taken(frame)
            last = None
    if last is not None:
        yield means.taken(last)


class _Means:
    """Sums up figures, each over the frames that have it."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = defaultdict(list)

    def add(self, frame: Frame) -> None:
        for name, value in frame.scalars.items():
            self._values[name].append(value)

    def taken(self, frame: Frame) -> Frame:
        """Return `frame` with the means, and begin anew."""
        means = {name: sum(values) / len(values) for name, values in self._values.items()}
        self._values.clear()
        return replace(frame, scalars=means)
