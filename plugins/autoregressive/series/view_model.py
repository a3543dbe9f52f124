"""What the canvas of a forecast shows; no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from studio.api.table import Clock, SeriesLine

from .quantile_fan import Fan, Floats, value_range

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

    line: SeriesLine
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
