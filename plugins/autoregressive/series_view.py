"""What the canvas of a forecast shows, and where each value of it lies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from .series_clock import Clock
from .series_fan import Fan, Floats, value_range
from .series_state import Line

LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 68, 84, 66, 34
_LEAST_AHEAD: Final = 0.22
"""The forecast has at least this share of the width."""


@dataclass(frozen=True, eq=False)
class SeriesView:
    """Attributes:
        line: the series, with moved values. n_known: how many of its values the model was given.
        horizon: how far the fan goes. fan: as far as it has grown; None before there is any.
        edits, pins: values that were moved or pinned, by their place. n_shown: how many past values are seen.
        is_draft: whether the fan is one of few paths.
    """

    line: Line
    n_known: int
    horizon: int
    fan: Fan | None = None
    edits: Mapping[int, float] = field(default_factory=dict)
    pins: Mapping[int, float] = field(default_factory=dict)
    n_shown: int = 144
    is_draft: bool = False

    @property
    def clock(self) -> Clock:
        """When the values are."""
        return self.line.about.clock

    @property
    def first(self) -> int:
        """The place of the first value that is seen."""
        most = round(self.horizon * (1 - _LEAST_AHEAD) / _LEAST_AHEAD) if self.horizon > 1 else self.n_shown
        return max(self.n_known - min(self.n_shown, max(most, 24)), 0)

    @property
    def last(self) -> int:
        """The place of the last step that is seen."""
        return self.n_known + self.horizon - 1

    @property
    def shown(self) -> Floats:
        """The known values that are seen."""
        return self.line.values[self.first : self.n_known]

    @property
    def truth(self) -> Floats:
        """What came, as far as it is seen."""
        return self.line.values[self.n_known : self.last + 1]

    def bounds(self) -> tuple[float, float]:
        """The lowest and highest value that is seen."""
        near = [value for place, value in self.pins.items() if self.n_known <= place <= self.last]
        fan = self.fan.quantiles if self.fan is not None else np.zeros(0)
        return value_range([self.shown, self.truth, fan, np.array(near)])

    def value_at(self, place: int) -> float | None:
        """The value of a place: what it was, is pinned to, or the middle of what is forecast."""
        if place in self.pins and place >= self.n_known:
            return self.pins[place]
        if place < self.n_known:
            return float(self.line.values[place])
        step = place - self.n_known
        if self.fan is not None and step < self.fan.n_steps:
            return float(self.fan.median[step])
        return None


class Places:
    """Where the values of a view lie on a widget; the range of values may be held still while a hand drags."""

    def __init__(self, view: SeriesView, rect: QRectF, bounds: tuple[float, float]) -> None:
        self.area = rect.adjusted(LEFT_PX, TOP_PX, -RIGHT_PX, -BOTTOM_PX)
        self._view = view
        self.low, self.high = bounds

    def x_px(self, place: float) -> float:
        """Where a place lies."""
        n = max(self._view.last - self._view.first, 1)
        return self.area.left() + (place - self._view.first) / n * self.area.width()

    def y_px(self, value: float) -> float:
        """Where a value lies."""
        return self.area.bottom() - (value - self.low) / (self.high - self.low) * self.area.height()

    def point(self, place: float, value: float) -> QPointF:
        """Where a value of a place lies."""
        return QPointF(self.x_px(place), self.y_px(value))

    def place_at(self, x_px: float) -> int:
        """The place nearest to a point."""
        n = max(self._view.last - self._view.first, 1)
        share = (x_px - self.area.left()) / max(self.area.width(), 1)
        return min(max(self._view.first + round(share * n), self._view.first), self._view.last)

    def value_at(self, y_px: float) -> float:
        """The value at a height."""
        return self.low + (self.area.bottom() - y_px) / max(self.area.height(), 1) * (self.high - self.low)
