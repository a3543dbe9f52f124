"""Where a frame lies along a line, and which frame lies under the pointer."""

import math
from dataclasses import dataclass
from typing import Final

_NICE: Final = (1, 2, 5)


@dataclass(frozen=True)
class Axis:
    """Frames 0 to n_total - 1 spread evenly from `left_px` to `right_px`."""

    n_total: int
    left_px: float
    right_px: float

    def x_of(self, index: float) -> float:
        """The x of a frame, in pixels."""
        return self.left_px + self.share_of(index) * (self.right_px - self.left_px)

    def share_of(self, index: float) -> float:
        """How far along a frame lies, 0 to 1."""
        return min(max(index / (self.n_total - 1), 0.0), 1.0) if self.n_total > 1 else 0.0

    def share_at(self, x_px: float) -> float:
        """How far along `x_px` lies, 0 to 1."""
        length_px = self.right_px - self.left_px
        return min(max((x_px - self.left_px) / length_px, 0.0), 1.0) if length_px > 0 else 0.0

    def x_of_share(self, share: float) -> float:
        """The x that is `share` of the way along."""
        return self.left_px + share * (self.right_px - self.left_px)

    def index_at(self, x_px: float) -> int:
        """The frame nearest to `x_px`."""
        return round(self.share_at(x_px) * max(self.n_total - 1, 0))


def evenly_spread(n_total: int, n_places: int) -> list[int]:
    """At most `n_places` different frames out of `n_total`, the first and the last among them."""
    n = min(n_total, n_places)
    if n < 2:
        return [0] if n_total else []
    return [round(k * (n_total - 1) / (n - 1)) for k in range(n)]


def tick_interval(length: float, room_px: float, widest_px: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that keeps labels of `widest_px` apart on `room_px`."""
    least = max(length * widest_px / max(room_px, 1.0), 1e-9)
    power = 10.0 ** math.floor(math.log10(least))
    return next((nice * power for nice in _NICE if nice * power >= least * (1 - 1e-9)), 10 * power)
