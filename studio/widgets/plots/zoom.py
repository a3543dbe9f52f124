"""Which part of a plot is seen."""

from dataclasses import dataclass
from typing import Final, TypeAlias

Ends: TypeAlias = tuple[float, float]
_FINEST: Final = 1e-4  # of the whole axis: beyond it a tick has more digits than a person can compare


@dataclass
class Zoom:
    """The ends of both axes in lengths on the screen; what is seen never leaves the whole."""

    all_x: Ends = (0.0, 1.0)
    all_y: Ends = (0.0, 1.0)
    part_x: Ends | None = None
    part_y: Ends | None = None

    @property
    def is_on(self) -> bool:
        """Whether only a part is seen."""
        return self.part_x is not None or self.part_y is not None

    @property
    def x(self) -> Ends:
        """The part of the lower axis that is seen."""
        return self.all_x if self.part_x is None else _inside(self.part_x, self.all_x)

    @property
    def y(self) -> Ends:
        """The part of the upright axis that is seen."""
        return self.all_y if self.part_y is None else _inside(self.part_y, self.all_y)

    def set_all(self, x: Ends, y: Ends) -> None:
        """The plot reaches from here to there now; a part that is seen stays."""
        self.all_x, self.all_y = x, y

    def reset(self) -> None:
        """All is seen."""
        self.part_x = self.part_y = None

    def by(self, factor: float, x_share: float, y_share: float | None) -> None:
        """See `factor` times as much, with what lies at these shares of the plot staying where it is."""
        self.part_x = _scaled(self.x, factor, x_share, self.all_x)
        if y_share is not None:
            self.part_y = _scaled(self.y, factor, y_share, self.all_y)

    def move(self, x_shares: float, y_shares: float) -> None:
        """See what lies so many widths further right and heights further up, where only a part is seen."""
        if self.part_x is not None:
            self.part_x = _moved(self.x, x_shares, self.all_x)
        if self.part_y is not None:
            self.part_y = _moved(self.y, y_shares, self.all_y)


def _scaled(ends: Ends, factor: float, share: float, whole: Ends) -> Ends | None:
    low, high = ends
    length = max((high - low) * factor, (whole[1] - whole[0]) * _FINEST)
    if length >= (whole[1] - whole[0]) * (1 - 1e-9):
        return None
    low += (high - low - length) * share
    return _inside((low, low + length), whole)


def _moved(ends: Ends, shares: float, whole: Ends) -> Ends:
    way = shares * (ends[1] - ends[0])
    return _inside((ends[0] + way, ends[1] + way), whole)


def _inside(ends: Ends, whole: Ends) -> Ends:
    length = min(ends[1] - ends[0], whole[1] - whole[0])
    low = min(max(ends[0], whole[0]), whole[1] - length)
    return low, low + length
